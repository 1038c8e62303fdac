//! Requests that wait for their responses, in order (RFC 9112 9.3.2).

use std::collections::VecDeque;
use std::sync::Arc;

use super::HttpRequest;
use crate::ccm::Asked;

/// What a request's response will be like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    /// With a body, if its status allows one.
    Usual,
    /// Of a HEAD: without one, whatever its head says.
    WithoutBody,
    /// Of a CONNECT: a tunnel, if it succeeds.
    Tunnel,
}

impl Reply {
    /// By the method of the request.
    pub(crate) fn to(method: &str) -> Self {
        match method {
            "HEAD" => Self::WithoutBody,
            "CONNECT" => Self::Tunnel,
            _ => Self::Usual,
        }
    }
}

/// A request of which the response's body will be read.
#[derive(Default)]
pub(crate) struct Remembered {
    pub(crate) request: Arc<HttpRequest>,
    pub(crate) asked: Asked,
}

/// A request that waits.
pub(crate) struct Waiting {
    pub(crate) exchange: u64,
    pub(crate) reply: Reply,
    pub(crate) remembered: Option<Box<Remembered>>,
}

/// The requests that wait, no more than [`crate::Limits::http_pipeline`].
#[derive(Default)]
pub(crate) struct Pipeline {
    queue: VecDeque<Waiting>,
    /// Requests behind those in the queue that found no room.
    beyond: u64,
    /// The limit was reached, and that was said.
    overflowed: bool,
    /// Responses were lost: only the last request is sure to wait.
    broken: bool,
}

impl Pipeline {
    /// Queues a request. `false` says that there is no room, for the first time.
    pub(crate) fn push(&mut self, waiting: Waiting, limit: usize) -> bool {
        if self.beyond == 0 && self.queue.len() < limit {
            self.queue.push_back(waiting);
            return true;
        }
        self.beyond += 1;
        std::mem::replace(&mut self.overflowed, true)
    }

    /// Responses went missing.
    pub(crate) const fn lose_responses(&mut self) {
        self.broken = true;
    }

    /// The request that the next response is for, which waits on. `None` where it was not captured or not kept.
    pub(crate) fn front(&mut self) -> Option<&Waiting> {
        if std::mem::take(&mut self.broken) {
            let last = self.queue.pop_back().filter(|_| self.beyond == 0);
            self.queue.clear();
            self.queue.extend(last);
            self.beyond = 0;
        }
        self.queue.front()
    }

    /// Takes the request that the next response is for.
    pub(crate) fn pop(&mut self) -> Option<Waiting> {
        self.front();
        let first = self.queue.pop_front();
        if first.is_none() {
            self.beyond = self.beyond.saturating_sub(1);
        }
        first
    }

    /// Whether a request waits.
    pub(crate) fn is_empty(&self) -> bool {
        self.queue.is_empty() && self.beyond == 0
    }

    /// Keeps what was learnt from a request's body, if its response has not come yet.
    pub(crate) fn asked(&mut self, exchange: u64, asked: Asked) {
        let waiting = self.queue.iter_mut().rev().find(|waiting| waiting.exchange == exchange);
        if let Some(remembered) = waiting.and_then(|waiting| waiting.remembered.as_mut()) {
            remembered.asked = asked;
        }
    }
}

//! What a payload's document says: the root element chooses who reads it.

use super::event::Content;
use super::location::Location;
use super::policy::RequestAssignments;
use super::registration::RegistrationRequest;
use super::report::Report;
use super::status::Status;
use super::xml::{self, Element, Visit};
use crate::error::DecodeError;
use crate::events::Events;

/// Reads a document. What was read before an error is kept.
pub(super) fn read(text: &str, out: &Events) -> (Content, Option<DecodeError>) {
    let mut body = Body::Unread;
    let error = xml::read(text, out, &mut body).err();
    (body.into_content(text, out), error)
}

enum Body {
    Unread,
    Status(Status),
    Report(Report),
    Registration(Box<RegistrationRequest>),
    Policy(RequestAssignments),
    Location(Location),
    Other(String),
}

impl Body {
    fn of(root: &Element<'_>) -> Self {
        match root.name().to_ascii_lowercase().as_str() {
            "status" => Self::Status(Status::default()),
            "report" => Self::Report(Report::default()),
            "clientregistrationrequest" => Self::Registration(Box::default()),
            "requestassignments" => Self::Policy(RequestAssignments::default()),
            name if Location::reads(name) => Self::Location(Location::new(root)),
            _ => Self::Other(root.cut(root.name())),
        }
    }

    fn visitor(&mut self) -> Option<&mut dyn Visit> {
        match self {
            Self::Status(body) => Some(body),
            Self::Report(body) => Some(body),
            Self::Registration(body) => Some(body.as_mut()),
            Self::Policy(body) => Some(body),
            Self::Location(body) => Some(body),
            Self::Unread | Self::Other(_) => None,
        }
    }

    fn into_content(self, text: &str, out: &Events) -> Content {
        match self {
            Self::Unread => Content::Unread,
            Self::Status(body) => Content::Status(body.into_body()),
            Self::Report(body) => body.into_content(),
            Self::Registration(body) => Content::Registration(Box::new(body.into_registration(text, out))),
            Self::Policy(body) => Content::Policy(body.into_request()),
            Self::Location(body) => body.into_content(),
            Self::Other(root) => Content::Other(root),
        }
    }
}

impl Visit for Body {
    fn open(&mut self, element: &Element<'_>) {
        if matches!(self, Self::Unread) {
            *self = Self::of(element);
        }
        if let Some(visitor) = self.visitor() {
            visitor.open(element);
        }
    }

    fn close(&mut self, element: &Element<'_>) {
        if let Some(visitor) = self.visitor() {
            visitor.close(element);
        }
    }
}

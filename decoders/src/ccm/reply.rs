//! What a management point answers to a message.

use super::event::CcmReply;
use super::location::site_code;
use super::xml::{Element, Visit};

/// Bit of `PolicyFlags`: the policy's body is secret.
const SECRET: u32 = 4;

/// Reads the payload of a reply into it.
pub(super) struct ReplyBody<'a>(pub(super) &'a mut CcmReply);

impl Visit for ReplyBody<'_> {
    fn open(&mut self, element: &Element<'_>) {
        let reply = &mut *self.0;
        if element.depth() == 1 {
            reply.root = Some(element.cut(element.name()));
        }
        if element.is("ClientRegistrationResponse") {
            reply.smsid = element.attribute("SMSID");
            reply.registration_status = element.attribute("Status");
            reply.approval_status = element.attribute("ApprovalStatus");
        } else if element.is("PolicyAssignment") {
            reply.policy_assignments += 1;
        } else if element.is("Policy") && element.raw_attribute("PolicyFlags").is_some_and(is_secret) {
            reply.secret_policies += 1;
        }
    }

    fn close(&mut self, element: &Element<'_>) {
        if self.0.site_code.is_none() {
            self.0.site_code = site_code(element);
        }
        for value in element.values() {
            self.url(element, value);
        }
        self.url(element, element.raw_text());
    }
}

impl ReplyBody<'_> {
    /// Keeps a URL, without query: that of a signed URL is a credential. Policy locations only have a placeholder for
    /// the host.
    fn url(&mut self, element: &Element<'_>, value: &str) {
        let scheme = ["http://", "https://"]
            .iter()
            .find(|scheme| value.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)));
        let Some(host) = scheme.and_then(|scheme| value.get(scheme.len()..)) else { return };
        if host.is_empty() || host.starts_with('<') {
            return;
        }
        let url = element.cut(value.split(['?', '#']).next().unwrap_or_default());
        let urls = &mut self.0.urls;
        if !urls.contains(&url) && element.has_room(urls.len()) {
            urls.push(url);
        }
    }
}

fn is_secret(flags: &str) -> bool {
    flags.trim().parse::<u32>().is_ok_and(|flags| flags & SECRET != 0)
}

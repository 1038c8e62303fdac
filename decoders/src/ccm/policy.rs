//! `<RequestAssignments>`: a client asks for its policy.

use super::event::PolicyRequest;
use super::xml::{Element, Visit};

/// Reads a policy request.
#[derive(Default)]
pub(super) struct RequestAssignments(PolicyRequest);

impl RequestAssignments {
    /// What was read.
    pub(super) fn into_request(self) -> PolicyRequest {
        self.0
    }
}

impl Visit for RequestAssignments {
    fn open(&mut self, element: &Element<'_>) {
        if element.depth() == 1 {
            self.0.request_type = element.attribute("RequestType");
        } else if element.is("Resource") && element.depth() == 2 {
            self.0.resource_type = element.attribute("ResourceType");
        }
    }

    fn close(&mut self, element: &Element<'_>) {
        let request = &mut self.0;
        let field = match element.name().to_ascii_lowercase().as_str() {
            "clientid" if element.is_in("Machine") => &mut request.client_id,
            "netbiosname" if element.is_in("Machine") => &mut request.netbios_name,
            "fqdn" if element.is_in("Machine") => &mut request.fqdn,
            "policysource" if element.depth() == 2 => &mut request.policy_source,
            _ => return,
        };
        *field = element.text();
    }
}

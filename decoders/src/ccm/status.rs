//! `<Status>`: status messages. The class of event is on the wire; the numeric message identifier is not.

use super::event::StatusBody;
use super::xml::{Element, Visit};

/// Reads a status message.
#[derive(Default)]
pub(super) struct Status(StatusBody);

impl Status {
    /// What was read.
    pub(super) fn into_body(self) -> StatusBody {
        self.0
    }
}

impl Visit for Status {
    fn close(&mut self, element: &Element<'_>) {
        let body = &mut self.0;
        if element.is("Type") && element.depth() == 2 {
            body.class = element.text();
        }
        if !(element.is("Property") && element.is_in("Properties")) {
            return;
        }
        let name = element.raw_attribute("Name").unwrap_or_default().to_ascii_lowercase();
        let field = match name.as_str() {
            "clientid" => &mut body.client_id,
            "machinename" => &mut body.machine_name,
            "sitecode" => &mut body.site_code,
            "severity" => &mut body.severity,
            "datetime" => &mut body.date_time,
            _ => return,
        };
        *field = element.value().map(|value| element.cut(value));
    }
}

//! `<Report>`: state messages, inventory, discovery (DDR), metering; also what a fallback status point is sent.

use super::event::{Content, ReportBody};
use super::xml::{Element, Visit};

/// Reads a report's header and counts its state messages.
#[derive(Default)]
pub(super) struct Report {
    body: ReportBody,
    /// A list of state messages was there, even an empty one.
    state: bool,
}

impl Report {
    /// State messages or an inventory, by what the report says of itself and what is in it.
    pub(super) fn into_content(self) -> Content {
        let named =
            self.body.content.as_deref().is_some_and(|name| name.eq_ignore_ascii_case("State Message Data"));
        if self.state || named { Content::State(self.body) } else { Content::Inventory(self.body) }
    }

    /// What was read.
    pub(super) fn into_body(self) -> ReportBody {
        self.body
    }
}

impl Visit for Report {
    fn open(&mut self, element: &Element<'_>) {
        if element.is("StateMessage") {
            self.state = true;
            self.body.state_messages += 1;
        } else if element.is("Topic") && element.is_in("StateMessage") {
            let types = &mut self.body.topic_types;
            if let Some(kind) = element.attribute("Type")
                && !types.contains(&kind)
                && element.has_room(types.len())
            {
                types.push(kind);
            }
        }
    }

    fn close(&mut self, element: &Element<'_>) {
        let body = &mut self.body;
        let field = match element.name().to_ascii_lowercase().as_str() {
            "reportcontent" => &mut body.content,
            "reporttype" => &mut body.report_type,
            "clientid" if element.is_in("Machine") => &mut body.client_id,
            "netbiosname" if element.is_in("Machine") => &mut body.netbios_name,
            "clientinstalled" if element.is_in("Machine") => &mut body.client_installed,
            _ => return,
        };
        if field.is_none() {
            *field = element.text();
        }
    }
}

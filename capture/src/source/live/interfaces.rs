//! Which interfaces there are, and what to say when one cannot be opened.

use std::net::IpAddr;

use super::LiveOptions;
use crate::frame::LinkType;
use crate::source::SourceError;

/// An interface of this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interface {
    /// The name to capture on.
    pub name: String,
    /// What the system calls it.
    pub description: Option<String>,
    /// Its addresses.
    pub addresses: Vec<IpAddr>,
    /// Whether it is enabled.
    pub up: bool,
    /// Whether its link works.
    pub running: bool,
    /// Whether it is a loopback.
    pub loopback: bool,
    /// How its frames begin, where that is known without opening it.
    pub link: Option<LinkType>,
}

/// The interfaces of this machine, in libpcap's order.
///
/// # Errors
///
/// [`SourceError::Interfaces`] with libpcap's text.
pub fn interfaces() -> Result<Vec<Interface>, SourceError> {
    let devices =
        pcap::Device::list().map_err(|error| SourceError::Interfaces { reason: super::text(&error) })?;
    Ok(devices
        .into_iter()
        .map(|device| Interface {
            link: link_of(&device.name),
            addresses: device.addresses.iter().map(|address| address.addr).collect(),
            up: device.flags.is_up(),
            running: device.flags.is_running(),
            loopback: device.flags.is_loopback(),
            description: device.desc,
            name: device.name,
        })
        .collect())
}

/// The name of an interface given by name or by number.
pub(super) fn resolve(given: &str) -> String {
    let listed = interfaces().unwrap_or_default();
    if listed.iter().any(|interface| interface.name == given) {
        return given.to_owned();
    }
    let number = given.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
    number.and_then(|index| listed.get(index)).map_or(given, |interface| &interface.name).to_owned()
}

/// The error for an interface that did not open.
pub(super) fn explain(name: &str, reason: &str, options: &LiveOptions) -> SourceError {
    let names: Vec<String> =
        interfaces().unwrap_or_default().into_iter().map(|interface| interface.name).collect();
    let interface = name.to_owned();
    let lower = reason.to_ascii_lowercase();
    if ["permi", "cap_net"].iter().any(|word| lower.contains(word)) {
        let program = options.program.display().to_string();
        return SourceError::Permission { interface, program, interfaces: names.join(", ") };
    }
    if names.iter().any(|known| known == name) {
        return SourceError::Interface { interface, reason: reason.to_owned() };
    }
    let suggestion = nearest(name, &names).map_or_else(String::new, |near| format!("; did you mean {near}?"));
    SourceError::UnknownInterface { interface, suggestion, interfaces: names.join(", ") }
}

/// The name that differs least, where it differs by less than half.
fn nearest<'a>(name: &str, names: &'a [String]) -> Option<&'a str> {
    let lower = name.to_ascii_lowercase();
    names
        .iter()
        .map(|known| (distance(&lower, &known.to_ascii_lowercase()), known))
        .min()
        .filter(|(distance, known)| distance * 2 <= known.len().max(name.len()))
        .map(|(_, known)| known.as_str())
}

/// Edits that make one string the other (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.chars().count()).collect();
    for (place, mine) in one.chars().enumerate() {
        let mut diagonal = place;
        let mut left = place + 1;
        if let Some(first) = row.first_mut() {
            *first = left;
        }
        for (theirs, cell) in other.chars().zip(row.iter_mut().skip(1)) {
            let replaced = diagonal + usize::from(theirs != mine);
            diagonal = *cell;
            left = replaced.min(left + 1).min(*cell + 1);
            *cell = left;
        }
    }
    row.last().copied().unwrap_or(0)
}

/// From libpcap's number of a link type to that of files; they differ for raw IP alone among those read here.
pub(super) fn link_type(dlt: i32) -> LinkType {
    match u16::try_from(dlt) {
        Ok(12 | 14) => LinkType::RAW,
        Ok(same) => LinkType(same),
        Err(_) => LinkType(u16::MAX),
    }
}

/// What Linux says of an interface's frames (ARPHRD_* of if_arp.h).
fn link_of(name: &str) -> Option<LinkType> {
    // A name of libpcap's own (`any`, `usbmon0`) has no such folder, and none has a slash in it.
    let kind = std::fs::read_to_string(format!("/sys/class/net/{name}/type")).ok()?;
    match kind.trim().parse::<u32>().ok()? {
        1 | 772 => Some(LinkType::ETHERNET),
        768 | 776 | 778 | 65_534 => Some(LinkType::RAW),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_interface_is_answered_with_the_nearest() {
        let names = ["eth0", "ens192", "lo"].map(str::to_owned);
        assert_eq!(nearest("eht0", &names), Some("eth0"));
        assert_eq!(nearest("ens19", &names), Some("ens192"));
        assert_eq!(nearest("wlp3s0f2", &names), None);
    }

    #[test]
    fn edits_are_counted() {
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("same", "same"), 0);
    }

    #[test]
    fn missing_permission_names_the_command_that_gives_it_and_the_interfaces() {
        let options = LiveOptions { program: "/opt/ccmscope".into(), ..LiveOptions::default() };
        let error =
            explain("eth0", "Attempt to create packet socket failed - CAP_NET_RAW may be required", &options);
        assert!(matches!(error, SourceError::Permission { .. }));
        let error = error.to_string();
        assert!(error.contains("sudo setcap cap_net_raw,cap_net_admin=eip /opt/ccmscope"), "{error}");
        assert!(error.contains("; interfaces: "), "{error}");
    }
}

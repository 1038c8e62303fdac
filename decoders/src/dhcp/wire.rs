//! A message's fixed fields and its options, which may go on in fields meant for names (RFC 2131 4.1, RFC 2132 9.3)
//! and of which a long one may be split (RFC 3396).

use crate::dhcp::DhcpEvent;
use crate::error::DecodeError;
use crate::events::Events;
use crate::reader::Reader;
use crate::text::lossy;

/// Bytes before the magic cookie.
pub(super) const FIXED: usize = 236;
/// Marks the beginning of the options (RFC 2131 3).
pub(super) const MAGIC_COOKIE: [u8; 4] = [99, 130, 83, 99];

/// Fields by offset and length (RFC 2131 2).
const SIADDR: (usize, usize) = (20, 4);
const CHADDR: (usize, usize) = (28, 6);
const SNAME: (usize, usize) = (44, 64);
const FILE: (usize, usize) = (108, 128);

/// Options (RFC 2132).
const PAD: u8 = 0;
const HOST_NAME: u8 = 12;
const OVERLOAD: u8 = 52;
const MESSAGE_TYPE: u8 = 53;
const VENDOR_CLASS: u8 = 60;
const TFTP_SERVER: u8 = 66;
const BOOTFILE_NAME: u8 = 67;
const END: u8 = 255;

/// Bits of the overload option: which field holds options.
const IN_FILE: u8 = 1;
const IN_SNAME: u8 = 2;

/// The options that are read, each with its parts joined.
#[derive(Default)]
struct Options {
    overload: u8,
    message_type: Option<u8>,
    host_name: Option<Vec<u8>>,
    vendor_class: Option<Vec<u8>>,
    tftp_server: Option<Vec<u8>>,
    bootfile_name: Option<Vec<u8>>,
}

impl Options {
    /// Reads the options of one field, up to its end or to what cannot be read.
    fn read(&mut self, field: &mut Reader<'_>) -> Result<(), DecodeError> {
        while !field.is_empty() {
            let option = field.u8("option")?;
            match option {
                END => return Ok(()),
                PAD => {}
                _ => {
                    let length = usize::from(field.u8("option length")?);
                    self.take(option, field.take("option value", length)?);
                }
            }
        }
        Ok(())
    }

    fn take(&mut self, option: u8, value: &[u8]) {
        let text = match (option, value) {
            (OVERLOAD, [fields]) => {
                self.overload |= fields;
                return;
            }
            (MESSAGE_TYPE, [kind]) => {
                self.message_type.get_or_insert(*kind);
                return;
            }
            (HOST_NAME, _) => &mut self.host_name,
            (VENDOR_CLASS, _) => &mut self.vendor_class,
            (TFTP_SERVER, _) => &mut self.tftp_server,
            (BOOTFILE_NAME, _) => &mut self.bootfile_name,
            _ => return,
        };
        text.get_or_insert_default().extend_from_slice(value);
    }
}

/// Reads a message. What was read before an error stays in the event.
pub(super) fn read(bytes: &[u8], event: &mut DhcpEvent, out: &Events) -> Result<(), DecodeError> {
    let mut reader = Reader::new("dhcp", bytes);
    reader.skip("op", 1)?;
    let [hardware, length] = [reader.u8("htype")?, reader.u8("hlen")?];
    // Ethernet, and IEEE 802 networks (the ARP registry).
    if matches!((hardware, length), (1 | 6, 6)) {
        event.client_mac = reader.at("chaddr", CHADDR.0, CHADDR.1)?.try_into().ok();
    }
    event.next_server = <[u8; 4]>::try_from(reader.at("siaddr", SIADDR.0, SIADDR.1)?).ok().map(Into::into);
    let file = reader.at("file", FILE.0, FILE.1)?;
    let sname = reader.at("sname", SNAME.0, SNAME.1)?;
    let mut options = Options::default();
    let read = all_options(&mut reader.restarted(), file, sname, &mut options);
    if options.overload & IN_FILE == 0 {
        event.boot_file = text(file, out);
    }
    event.message_type = options.message_type;
    event.host_name = options.host_name.and_then(|name| text(&name, out));
    event.vendor_class = options.vendor_class.and_then(|class| text(&class, out));
    event.tftp_server = options.tftp_server.and_then(|server| text(&server, out));
    event.bootfile_name = options.bootfile_name.and_then(|name| text(&name, out));
    read
}

/// Reads the options in their order: those behind the cookie, then those in file, then those in sname.
fn all_options(
    message: &mut Reader<'_>,
    file: &[u8],
    sname: &[u8],
    options: &mut Options,
) -> Result<(), DecodeError> {
    message.skip("fixed fields", FIXED)?;
    // BOOTP of before RFC 1048 has vendor's own data here, or nothing.
    if message.left() < MAGIC_COOKIE.len() || message.array::<4>("magic cookie")? != MAGIC_COOKIE {
        return Ok(());
    }
    options.read(message)?;
    let overload = options.overload;
    if overload & IN_FILE != 0 {
        options.read(&mut Reader::new("dhcp file field", file))?;
    }
    if overload & IN_SNAME != 0 {
        options.read(&mut Reader::new("dhcp sname field", sname))?;
    }
    Ok(())
}

/// Text as far as its zero byte, where it has one: senders leave what they like behind it (RFC 2132 2).
fn text(bytes: &[u8], out: &Events) -> Option<String> {
    let bytes = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
    (!bytes.is_empty()).then(|| out.text(&lossy(bytes)))
}

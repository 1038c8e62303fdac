//! Authorities and revocation lists, read from the files and the store that the command line names.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use anyhow::{Context, Result, bail};
use findings::trust::{Anchors, Origin};

use crate::cli::Trust;
use crate::messages::Level;

/// Bytes of a file of authorities or lists: the longest lists have tens of megabytes.
const LONGEST: u64 = 256 << 20;

/// Reads what is to be trusted. What the user named must be there and in order; of the platform's store, what cannot
/// be read is passed over.
pub(crate) fn read(trust: &Trust, level: Level) -> Result<Anchors> {
    let mut anchors = Anchors::default();
    for path in &trust.ca {
        let count =
            anchors.trust(&bytes(path)?, Origin::Given).with_context(|| path.display().to_string())?;
        level.tell(&format_args!("{}: authorities: {count}", path.display()));
    }
    if trust.system_ca {
        platform(&mut anchors, level)?;
    }
    for path in &trust.crl {
        let count = anchors.revoke(&bytes(path)?).with_context(|| path.display().to_string())?;
        level.tell(&format_args!("{}: revocation lists: {count}", path.display()));
    }
    Ok(anchors)
}

/// What is wrong with the flags taken together.
pub(crate) fn mistake(trust: &Trust) -> Option<String> {
    let alone = !trust.crl.is_empty() && trust.ca.is_empty() && !trust.system_ca;
    alone.then(|| "--crl says nothing without authorities: give them with --ca or --system-ca".to_owned())
}

fn bytes(path: &Path) -> Result<Vec<u8>> {
    let name = || path.display().to_string();
    let metadata = match fs::metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => bail!("{}: no such file", path.display()),
        metadata => metadata.with_context(name)?,
    };
    if metadata.is_dir() {
        bail!("{}: a folder, not a file of certificates", path.display());
    }
    if metadata.len() > LONGEST {
        bail!("{}: {} bytes, more than {LONGEST}", path.display(), metadata.len());
    }
    fs::read(path).with_context(name)
}

fn platform(anchors: &mut Anchors, level: Level) -> Result<()> {
    let store = rustls_native_certs::load_native_certs();
    let before = store.certs.len();
    let read = store.certs.iter().filter(|der| anchors.trust(der, Origin::Platform).is_ok()).count();
    if read == 0 {
        let why = store.errors.first().map_or_else(|| "it is empty".to_owned(), ToString::to_string);
        bail!("the platform's store of authorities cannot be used: {why}");
    }
    level.tell(&format_args!("platform's store: authorities: {read}, passed over: {}", before - read));
    Ok(())
}

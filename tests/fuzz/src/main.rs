//! One program for all targets: `FUZZ_TARGET` names the one to run. See README.md.

#![no_main]

mod blob;
mod conversation;
mod decoder;
mod file;
mod frames;
mod memory;
mod opened;
mod reassembly;
mod witness;

use std::sync::OnceLock;

use decoders::{Protocol, Spec};

type Run = fn(&[u8]);

#[derive(Clone, Copy)]
enum Target {
    Decoder(&'static Spec),
    Run(Run),
}

/// Targets beside the decoders, by name.
const OTHERS: [(&str, Run); 8] = [
    ("ccm", blob::ccm),
    ("spnego", blob::spnego),
    ("ntlmssp", blob::ntlmssp),
    ("opened", opened::run),
    ("frames", frames::run),
    ("reassembly", reassembly::run),
    ("pcap", file::run),
    ("pcapng", file::run),
];

fn target() -> Target {
    static TARGET: OnceLock<Target> = OnceLock::new();
    *TARGET.get_or_init(|| {
        let name = std::env::var("FUZZ_TARGET").unwrap_or_default();
        let other = OTHERS.iter().find(|(other, _)| *other == name).map(|(_, run)| Target::Run(*run));
        other.or_else(|| decoder::named(&name).map(Target::Decoder)).unwrap_or_else(|| {
            let decoders = decoders::DECODERS.iter().map(|spec| Protocol::name(spec.protocol));
            let all: Vec<_> = decoders.chain(OTHERS.iter().map(|(name, _)| *name)).collect();
            eprintln!("FUZZ_TARGET must name a target: {}", all.join(" "));
            std::process::exit(2)
        })
    })
}

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    match target() {
        Target::Decoder(spec) => decoder::run(spec, data),
        Target::Run(run) => run(data),
    }
});

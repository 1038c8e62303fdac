use proptest::prelude::*;

use super::*;

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    digits.chunks(2).map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

fn limits() -> Limits {
    Limits::default()
}

/// `name: value` of each field.
fn told(block: &Block) -> Vec<String> {
    let text = |octets: &Octets| String::from_utf8_lossy(octets.bytes()).into_owned();
    block.fields.iter().map(|field| format!("{}: {}", text(&field.name), text(&field.value))).collect()
}

/// Reads a block that has nothing odd about it.
fn read(decoder: &mut Decoder, text: &str) -> Vec<String> {
    let block = decoder.read(&hex(text), &limits());
    assert_eq!(block.fault, None);
    assert!(!block.unknown && !block.too_long && !block.table_bounded);
    told(&block)
}

/// What the dynamic table holds, newest first.
fn table(decoder: &Decoder) -> Vec<String> {
    let entries = (62..62 + decoder.table.len()).filter_map(|index| decoder.table.get(index));
    let text = |part: Option<Octets>| {
        part.map_or("?".to_owned(), |octets| String::from_utf8_lossy(octets.bytes()).into_owned())
    };
    entries.map(|entry| format!("{}: {}", text(entry.name), text(entry.value))).collect()
}

#[test]
fn integers_of_appendix_c_1_are_read() {
    let read = |bytes: &[u8], bits| {
        let mut reader = Reader::new("hpack", bytes);
        let first = reader.u8("integer").unwrap();
        integer(&mut reader, "integer", first, bits).unwrap()
    };
    assert_eq!(read(&[0b1110_1010], 5), 10);
    assert_eq!(read(&[0x1F, 0x9A, 0x0A], 5), 1_337);
    assert_eq!(read(&[0x2A], 8), 42);
}

#[test]
fn integer_of_any_length_ends_within_six_octets() {
    for (tail, fine) in [
        (vec![0x80, 0x80, 0x80, 0x80, 0x00], true),
        (vec![0x80, 0x80, 0x80, 0x80, 0x80, 0x00], false),
        (vec![0xFF, 0xFF, 0xFF, 0xFF, 0x7F], false),
        (vec![0xFF; 64], false),
        (vec![0xFF], false),
    ] {
        let mut reader = Reader::new("hpack", &tail);
        assert_eq!(integer(&mut reader, "index", 0x7F, 7).is_ok(), fine, "{tail:x?}");
    }
}

#[test]
fn representations_of_appendix_c_2_are_read() {
    let mut decoder = Decoder::new(&limits());
    let fields = read(&mut decoder, "400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572");
    assert_eq!(fields, ["custom-key: custom-header"]);
    assert_eq!(table(&decoder), ["custom-key: custom-header"]);
    let mut decoder = Decoder::new(&limits());
    assert_eq!(read(&mut decoder, "040c 2f73 616d 706c 652f 7061 7468"), [":path: /sample/path"]);
    assert_eq!(read(&mut decoder, "1008 7061 7373 776f 7264 0673 6563 7265 74"), ["password: secret"]);
    assert_eq!(read(&mut decoder, "82"), [":method: GET"]);
    assert_eq!(table(&decoder), [""; 0]);
}

const REQUESTS: [&[&str]; 3] = [
    &[":method: GET", ":scheme: http", ":path: /", ":authority: www.example.com"],
    &[":method: GET", ":scheme: http", ":path: /", ":authority: www.example.com", "cache-control: no-cache"],
    &[
        ":method: GET",
        ":scheme: https",
        ":path: /index.html",
        ":authority: www.example.com",
        "custom-key: custom-value",
    ],
];

fn requests_are_read(blocks: [&str; 3]) {
    let mut decoder = Decoder::new(&limits());
    for (block, fields) in blocks.iter().zip(REQUESTS) {
        assert_eq!(read(&mut decoder, block), fields);
    }
    let expected = ["custom-key: custom-value", "cache-control: no-cache", ":authority: www.example.com"];
    assert_eq!(table(&decoder), expected);
    assert_eq!(decoder.table.held(), 164);
}

#[test]
fn requests_of_appendix_c_3_are_read() {
    requests_are_read([
        "8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d",
        "8286 84be 5808 6e6f 2d63 6163 6865",
        "8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65",
    ]);
}

#[test]
fn requests_of_appendix_c_4_are_read() {
    requests_are_read([
        "8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff",
        "8286 84be 5886 a8eb 1064 9cbf",
        "8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf",
    ]);
}

/// The responses of appendix C.5 and C.6, read with a table of 256 octets.
fn responses_are_read(blocks: [&str; 3]) {
    let date = "date: Mon, 21 Oct 2013 20:13:21 GMT";
    let location = "location: https://www.example.com";
    let cookie = "set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1";
    let mut decoder = Decoder::new(&limits());
    decoder.table.resize(256);
    let [first, second, third] = blocks;
    assert_eq!(read(&mut decoder, first), [":status: 302", "cache-control: private", date, location]);
    assert_eq!(table(&decoder), [location, date, "cache-control: private", ":status: 302"]);
    assert_eq!(decoder.table.held(), 222);
    assert_eq!(read(&mut decoder, second), [":status: 307", "cache-control: private", date, location]);
    assert_eq!(table(&decoder), [":status: 307", location, date, "cache-control: private"]);
    let date = "date: Mon, 21 Oct 2013 20:13:22 GMT";
    let gzip = "content-encoding: gzip";
    let last = [":status: 200", "cache-control: private", date, location, gzip, cookie];
    assert_eq!(read(&mut decoder, third), last);
    assert_eq!(table(&decoder), [cookie, gzip, date]);
    assert_eq!(decoder.table.held(), 215);
}

#[test]
fn responses_of_appendix_c_5_are_read() {
    responses_are_read([
        "4803 3330 3258 0770 7269 7661 7465 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 \
         3120 474d 546e 1768 7474 7073 3a2f 2f77 7777 2e65 7861 6d70 6c65 2e63 6f6d",
        "4803 3330 37c1 c0bf",
        "88c1 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3220 474d 54c0 5a04 677a 6970 \
         7738 666f 6f3d 4153 444a 4b48 514b 425a 584f 5157 454f 5049 5541 5851 5745 4f49 553b 206d 6178 2d61 \
         6765 3d33 3630 303b 2076 6572 7369 6f6e 3d31",
    ]);
}

#[test]
fn responses_of_appendix_c_6_are_read() {
    responses_are_read([
        "4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b ff6e 919d 29ad \
         1718 63c7 8f0b 97c8 e9ae 82ae 43d3",
        "4883 640e ffc1 c0bf",
        "88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab 77ad 94e7 821d d7f2 \
         e6c7 b335 dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f 9587 3160 65c0 03ed 4ee5 b106 3d50 07",
    ]);
}

#[test]
fn what_refers_to_the_unknown_is_left_out_and_the_rest_is_read() {
    let mut decoder = Decoder::new(&limits());
    decoder.forget();
    // Index 62 twice, a literal under the name of index 63, a literal with indexing, and that one again.
    let block = decoder.read(&hex("be be 7f00 0178 4001 6101 62 be"), &limits());
    assert_eq!((block.fault, block.unknown), (None, true));
    assert_eq!(told(&block), ["a: b", "a: b"]);
    assert_eq!(table(&decoder)[..2], ["a: b".to_owned(), "?: x".to_owned()], "places stay right");
    decoder.read(&hex("20"), &limits());
    assert!(!decoder.is_partial(), "a table that was emptied is known");
    assert!(decoder.read(&hex("be"), &limits()).fault.is_some());
}

#[test]
fn index_of_nothing_ends_the_block_and_the_table() {
    for block in ["80", "be", "ff80 8001", "7f00 00"] {
        let mut decoder = Decoder::new(&limits());
        let block = decoder.read(&hex(block), &limits());
        assert!(block.fault.is_some() && block.fields.is_empty());
        assert!(decoder.is_partial());
    }
}

#[test]
fn beginning_of_a_block_says_what_it_has() {
    let whole = hex("8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff");
    for len in 0..whole.len() {
        let block = Decoder::new(&limits()).read(&whole[..len], &limits());
        assert_eq!(told(&block), REQUESTS[0][..len.min(3)]);
        assert!(block.fault.is_none_or(|error| error.is_short()));
    }
}

#[test]
fn header_bomb_stops_at_its_limit() {
    let limits = Limits { http2_header_list: 10_000, ..limits() };
    let mut decoder = Decoder::new(&limits);
    let mut block = hex("4001 617f a11e");
    block.extend([b'x'; 4_000]);
    block.extend(std::iter::repeat_n(0xBE, 60_000));
    block.extend(hex("4001 6201 63"));
    let read = decoder.read(&block, &limits);
    assert!(read.too_long && read.fault.is_none());
    assert_eq!(read.fields.len(), 2);
    assert_eq!(table(&decoder).first().unwrap(), "b: c", "what it does to the table is done all the same");
}

#[test]
fn table_larger_than_its_limit_keeps_the_newest() {
    let limits = Limits { http2_table: 100, ..limits() };
    let mut decoder = Decoder::new(&limits);
    let block = decoder.read(&hex("3fe1ff03 4001 6101 62 4001 6101 63 4001 6101 64 be bf c0"), &limits);
    assert!(block.table_bounded && block.unknown && block.fault.is_none());
    assert_eq!(block.resized, Some(65_536));
    assert_eq!(told(&block), ["a: b", "a: c", "a: d", "a: d", "a: c"]);
    assert!(decoder.table.held() <= 100);
}

#[test]
fn entry_larger_than_the_limit_has_its_place() {
    let limits = Limits { http2_table: 64, ..limits() };
    let mut decoder = Decoder::new(&limits);
    let mut block = hex("4001 6164");
    block.extend([b'x'; 100]);
    block.extend(hex("4001 6201 63 be bf"));
    let read = decoder.read(&block, &limits);
    assert!(read.unknown && read.fault.is_none());
    assert_eq!(told(&read).last().unwrap(), "b: c");
}

#[test]
fn entry_larger_than_the_table_empties_it() {
    let mut decoder = Decoder::new(&limits());
    let block =
        decoder.read(&hex("3f02 4001 6101 62 4001 6110 7878 7878 7878 7878 7878 7878 7878 7878"), &limits());
    assert_eq!((block.fault, block.fields.len()), (None, 2));
    assert_eq!(table(&decoder), [""; 0]);
}

proptest! {
    #[test]
    fn anything_is_survived_within_bounds(blocks in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 1..6)) {
        let limits = Limits { http2_table: 512, http2_header_list: 2_000, ..limits() };
        let mut decoder = Decoder::new(&limits);
        for block in &blocks {
            let read = decoder.read(block, &limits);
            let said: usize = read.fields.iter().map(|field| field.name.bytes().len() + field.value.bytes().len() + 32).sum();
            prop_assert!(said <= 2_000);
            prop_assert!(decoder.table.held() <= 512);
        }
    }
}

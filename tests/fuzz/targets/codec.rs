//! Fuzzes what both ends share: see `src/codec.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| chat_fuzz::codec::run(bytes));

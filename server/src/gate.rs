//! How long the records of TLS may be that a stranger sends: TLS holds a record in memory until all of it has come,
//! and grows for it in large steps. So each is looked at by its head before TLS has any of it, held here in as much
//! memory as it needs, and handed on when it is whole. Knows neither what is in records nor who sends them.

use std::io::{self, Read};

/// A record begins with its kind, its version and its length, which counts what follows.
const HEAD: usize = 5;

/// What carries what people say, in any version; and in TLS 1.3 the end of the handshake too, which is short.
const DATA: u8 = 0x17;

/// The longest record that a stranger may send, in bytes. A password of the greatest length and HELLO are a third
/// of that.
const LONGEST: usize = 2048;

/// What has come of a record.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    held: Vec<u8>,
    /// How much has yet to come of a record that is handed on as it comes: one of a handshake.
    left: usize,
    /// Hands have been shaken: nothing that comes now needs to be long.
    narrow: bool,
}

impl Gate {
    /// From here on all records must be short.
    pub(crate) fn narrow(&mut self) {
        self.narrow = true;
    }

    /// Reads what `source` has, as [`Read::read`] does, but no more than one record, and the short ones whole.
    ///
    /// Fails with [`io::ErrorKind::InvalidData`] when one begins that is too long.
    pub(crate) fn read(&mut self, mut source: impl Read, bytes: &mut [u8]) -> io::Result<usize> {
        if self.left > 0 {
            let most = self.left.min(bytes.len());
            let read = source.read(&mut bytes[..most])?;
            self.left -= read;
            return Ok(read);
        }
        let mut piece = [0; LONGEST];
        loop {
            let missing = self.missing();
            if missing == 0 {
                return self.hand_on(bytes);
            }
            let read = source.read(&mut piece[..missing])?;
            if read == 0 {
                return Ok(0);
            }
            self.held.reserve_exact(missing);
            self.held.extend_from_slice(&piece[..read]);
            if self.held.len() == HEAD {
                let length = self.length();
                let is_short = self.narrow || self.held[0] == DATA;
                if !is_short {
                    self.left = length;
                    return self.hand_on(bytes);
                }
                if length > LONGEST {
                    return Err(io::Error::new(io::ErrorKind::InvalidData, "a long record of a stranger"));
                }
            }
        }
    }

    fn length(&self) -> usize {
        usize::from(u16::from_be_bytes([self.held[3], self.held[4]]))
    }

    /// How much has yet to come of the head, or of the whole record.
    fn missing(&self) -> usize {
        match HEAD.checked_sub(self.held.len()) {
            Some(missing @ 1..) => missing,
            _ => (HEAD + self.length()).saturating_sub(self.held.len()),
        }
    }

    /// Hands on what is held. TLS has room for that, unless it holds much of a handshake that does not end.
    fn hand_on(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let held = std::mem::take(&mut self.held);
        let room = bytes.get_mut(..held.len()).ok_or(io::ErrorKind::InvalidData)?;
        room.copy_from_slice(&held);
        Ok(held.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(kind: u8, length: u16) -> Vec<u8> {
        let mut record = vec![kind, 3, 3];
        record.extend(length.to_be_bytes());
        record.resize(HEAD + usize::from(length), 7);
        record
    }

    /// Gives so many bytes at a time, and has none in between.
    struct Slow<'a>(&'a [u8], usize, bool);

    impl Read for Slow<'_> {
        fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
            self.2 = !self.2;
            if self.2 {
                return Err(io::ErrorKind::WouldBlock.into());
            }
            let most = self.1.min(bytes.len());
            Read::read(&mut self.0, &mut bytes[..most])
        }
    }

    /// What TLS gets of what is said, a piece at a time, and what ends it.
    fn reads(gate: &mut Gate, said: &[u8], piece: usize) -> (Vec<usize>, Option<io::ErrorKind>) {
        let (mut source, mut got, mut bytes) = (Slow(said, piece, false), Vec::new(), [0; 4096]);
        loop {
            assert!(gate.held.capacity() <= HEAD + LONGEST);
            match gate.read(&mut source, &mut bytes) {
                Ok(0) => return (got, None),
                Ok(read) => got.push(read),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return (got, Some(error.kind())),
            }
        }
    }

    #[test]
    fn short_records_come_whole_and_a_long_one_stops_at_its_head() {
        let said = [record(DATA, 5), record(DATA, 0), record(DATA, 2048), record(DATA, 2049)].concat();
        for piece in [1, 3, 7, 5000] {
            let mut gate = Gate::default();
            gate.narrow();
            let (got, end) = reads(&mut gate, &said, piece);
            assert_eq!(
                (got, end),
                (vec![10, 5, 2053], Some(io::ErrorKind::InvalidData)),
                "in pieces of {piece}"
            );
        }
    }

    #[test]
    fn a_handshake_may_be_long_and_what_comes_along_with_it_may_not() {
        let mut gate = Gate::default();
        let (got, end) = reads(&mut gate, &record(0x16, 16_000), 5000);
        assert_eq!((got.iter().sum::<usize>(), end), (16_005, None));
        let long = [record(DATA, 50), record(DATA, 16_000)].concat();
        assert_eq!(reads(&mut gate, &long, 5000), (vec![55], Some(io::ErrorKind::InvalidData)));
        let mut gate = Gate::default();
        gate.narrow();
        let (got, end) = reads(&mut gate, &record(0x16, 16_000), 5000);
        assert_eq!((got, end), (Vec::new(), Some(io::ErrorKind::InvalidData)));
    }
}

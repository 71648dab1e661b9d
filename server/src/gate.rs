//! How long the records of TLS may be that a stranger sends: TLS holds a record in memory until all of it has come,
//! and opens it there. Looks at the heads of records as they pass, before TLS has any of them; knows neither what
//! is in them nor who sends them.

use std::io;

/// A record begins with its kind, its version and its length, which counts what follows.
const HEAD: usize = 5;

/// What carries what people say, in any version; and in TLS 1.3 the end of the handshake too, which is short.
const DATA: u8 = 0x17;

/// The longest record that a stranger may send, in bytes. A password of the greatest length and HELLO are a third
/// of that.
const LONGEST: usize = 2048;

/// What passes in one go where it is known that more would only have to be held.
const PIECE: usize = 1024;

/// Where in which record somebody is.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    /// The head of the record that is passing, as far as it has come.
    head: [u8; HEAD],
    held: u8,
    /// How much of that record has yet to come after its head.
    left: u16,
    /// Hands have been shaken: nothing that comes now needs to be long.
    narrow: bool,
}

impl Gate {
    /// From here on all records must be short, and the one that is passing too.
    ///
    /// Fails when that one is not.
    pub(crate) fn narrow(&mut self) -> io::Result<()> {
        self.narrow = true;
        if self.left > 0 { self.look() } else { Ok(()) }
    }

    /// How much may be read in one go, in bytes. At least one.
    pub(crate) fn most(&self) -> usize {
        if self.narrow { PIECE } else { usize::MAX }
    }

    /// These bytes come next.
    ///
    /// Fails with [`io::ErrorKind::InvalidData`] when a record begins in them that is too long.
    pub(crate) fn pass(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            if self.left > 0 {
                let passed = bytes.len().min(self.left.into());
                self.left -= passed as u16;
                bytes = &bytes[passed..];
                continue;
            }
            self.head[usize::from(self.held)] = bytes[0];
            self.held += 1;
            bytes = &bytes[1..];
            if usize::from(self.held) == HEAD {
                self.held = 0;
                self.left = u16::from_be_bytes([self.head[3], self.head[4]]);
                self.look()?;
            }
        }
        Ok(())
    }

    /// Whether the record whose head was read last may pass.
    fn look(&self) -> io::Result<()> {
        let length = usize::from(u16::from_be_bytes([self.head[3], self.head[4]]));
        if length > LONGEST && (self.narrow || self.head[0] == DATA) {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "a long record of a stranger"));
        }
        Ok(())
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

    #[test]
    fn a_long_record_stops_at_its_head_however_it_comes() {
        let said = [record(DATA, 5), record(DATA, 0), record(DATA, 2048), record(DATA, 2049)].concat();
        let upto = said.len() - 2049;
        for piece in [1, 3, 7, 5000] {
            let mut gate = Gate::default();
            gate.narrow().unwrap();
            let stopped = said.chunks(piece).position(|bytes| gate.pass(bytes).is_err()).unwrap();
            assert_eq!(stopped, (upto - 1) / piece, "in pieces of {piece}");
        }
    }

    #[test]
    fn a_handshake_may_be_long_and_what_comes_along_with_it_may_not() {
        let mut gate = Gate::default();
        gate.pass(&record(0x16, 16_000)).unwrap();
        gate.narrow().unwrap();
        assert!(gate.pass(&record(0x16, 16_000)[..HEAD]).is_err());
        let mut gate = Gate::default();
        assert!(gate.pass(&[record(DATA, 50), record(DATA, 16_000)[..HEAD].to_vec()].concat()).is_err());
        // One that was let pass while hands were shaken, and is not over when they have been.
        let mut gate = Gate::default();
        gate.pass(&record(0x16, 16_000)[..100]).unwrap();
        assert!(gate.narrow().is_err());
    }
}

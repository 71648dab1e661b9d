//! Bytes taken for a list of steps. Knows nothing of what a step does.

/// What is left of the list.
pub struct Steps<'a>(pub &'a [u8]);

impl<'a> Steps<'a> {
    /// The next step, below 16, and who does it, below `seats`.
    pub fn step(&mut self, seats: usize) -> Option<(u8, usize)> {
        let (&step, rest) = self.0.split_first()?;
        self.0 = rest;
        Some((step & 15, usize::from(step >> 4) % seats))
    }

    /// One byte, 0 at the end.
    pub fn byte(&mut self) -> u8 {
        let (&byte, rest) = self.0.split_first().unwrap_or((&0, &[]));
        self.0 = rest;
        byte
    }

    /// The rest of a line, with its end if it has one.
    pub fn line(&mut self) -> &'a [u8] {
        let end = self.0.iter().position(|&byte| byte == b'\n').map_or(self.0.len(), |at| at + 1);
        self.take(end)
    }

    /// As many bytes as the next byte says.
    pub fn some(&mut self) -> &'a [u8] {
        let count = usize::from(self.byte()).min(self.0.len());
        self.take(count)
    }

    /// The rest of a line as text, without its end.
    pub fn text(&mut self) -> String {
        String::from_utf8_lossy(self.line()).trim_end_matches('\n').to_owned()
    }

    fn take(&mut self, count: usize) -> &'a [u8] {
        let (some, rest) = self.0.split_at(count);
        self.0 = rest;
        some
    }
}

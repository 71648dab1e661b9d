//! Lines for many members as one piece of memory. Almost every line goes to almost everybody, so a
//! batch is one run of bytes for all, and for the few who differ a list of what they do not get and
//! what only they get, each in its place. Knows nothing of names, rooms or sockets.

use std::collections::BTreeMap;
use std::ops::Range;

/// Tells members apart for the life of a server; never used again.
pub(crate) type MemberId = u64;

/// Lines in one order, seen a little differently by some.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    common: Vec<u8>,
    private: Vec<u8>,
    edits: BTreeMap<MemberId, Vec<Edit>>,
    edit_count: usize,
}

/// How one member's view differs: before `common[at]` it gets `private[insert]`, and then does not get
/// the next `skip` bytes.
#[derive(Debug)]
struct Edit {
    at: usize,
    skip: usize,
    insert: Range<usize>,
}

impl Batch {
    /// The bytes held, which is what the batch costs for as long as one member has yet to read it.
    pub(crate) fn size(&self) -> usize {
        self.common.len() + self.private.len() + self.edit_count * size_of::<Edit>()
    }

    /// What `member` gets, as a batch for all. For a member that gets little of a large batch: it shall
    /// not keep the whole of it alive.
    pub(crate) fn copy_for(&self, member: MemberId) -> Self {
        Self { common: self.view(member).flatten().copied().collect(), ..Self::default() }
    }

    /// Adds a line, given in parts and without its end, for everybody, or for everybody but one.
    pub(crate) fn tell_all(&mut self, parts: [&[u8]; 2], but: Option<MemberId>) {
        let at = self.common.len();
        parts.iter().for_each(|part| self.common.extend_from_slice(part));
        self.common.push(b'\n');
        let Some(member) = but else { return };
        let skip = self.common.len() - at;
        let edits = self.edits.entry(member).or_default();
        match edits.last_mut() {
            // A member that says much has one long gap in its view, not a list of small ones.
            Some(last) if last.at + last.skip == at => last.skip += skip,
            _ => {
                edits.push(Edit { at, skip, insert: 0..0 });
                self.edit_count += 1;
            }
        }
    }

    /// Adds a line, without its end, for one member only.
    pub(crate) fn tell_one(&mut self, member: MemberId, line: &str) {
        let start = self.private.len();
        self.private.extend_from_slice(line.as_bytes());
        self.private.push(b'\n');
        let insert = start..self.private.len();
        self.edits.entry(member).or_default().push(Edit { at: self.common.len(), skip: 0, insert });
        self.edit_count += 1;
    }

    /// The bytes that `member` gets.
    pub(crate) fn len_for(&self, member: MemberId) -> usize {
        let Some(edits) = self.edits.get(&member) else { return self.common.len() };
        edits.iter().fold(self.common.len(), |len, edit| len + edit.insert.len() - edit.skip)
    }

    /// What almost everybody gets.
    pub(crate) fn common(&self) -> &[u8] {
        &self.common
    }

    /// What `member` gets, where that is what almost everybody gets.
    pub(crate) fn common_for(&self, member: MemberId) -> Option<&[u8]> {
        (!self.edits.contains_key(&member)).then_some(&self.common)
    }

    /// What `member` gets, in order, in as few pieces as can be; none is empty.
    pub(crate) fn view(&self, member: MemberId) -> impl Iterator<Item = &[u8]> {
        let edits = self.edits.get(&member).map_or(&[][..], Vec::as_slice);
        let starts = std::iter::once(0).chain(edits.iter().map(|edit| edit.at + edit.skip));
        let ends = edits.iter().map(|edit| edit.at).chain([self.common.len()]);
        let common = starts.zip(ends).map(|(start, end)| &self.common[start..end]);
        let private = edits.iter().map(|edit| &self.private[edit.insert.clone()]).chain([&[][..]]);
        common.zip(private).flat_map(|(common, private)| [common, private]).filter(|piece| !piece.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen_by(batch: &Batch, member: MemberId) -> String {
        let seen: Vec<u8> = batch.view(member).flatten().copied().collect();
        assert_eq!(seen.len(), batch.len_for(member));
        String::from_utf8(seen).unwrap()
    }

    #[test]
    fn everybody_sees_its_own_view_in_one_order() {
        let mut batch = Batch::default();
        batch.tell_one(3, "three: before all");
        batch.tell_all([b"from ", b"one"], Some(1));
        batch.tell_all([b"from ", b"one again"], Some(1));
        batch.tell_one(1, "one: between");
        batch.tell_all([b"from ", b"two"], Some(2));
        batch.tell_all([b"from ", b"nobody"], None);
        batch.tell_all([b"from ", b"one at last"], Some(1));
        batch.tell_one(2, "two: after all");
        let all = "from one\nfrom one again\nfrom two\nfrom nobody\nfrom one at last\n";
        assert_eq!(seen_by(&batch, 9), all);
        assert_eq!(seen_by(&batch, 1), "one: between\nfrom two\nfrom nobody\n");
        let two = "from one\nfrom one again\nfrom nobody\nfrom one at last\ntwo: after all\n";
        assert_eq!(seen_by(&batch, 2), two);
        assert_eq!(seen_by(&batch, 3), format!("three: before all\n{all}"));
        for member in [1, 2, 3, 9] {
            assert_eq!(seen_by(&batch.copy_for(member), member), seen_by(&batch, member));
        }
    }

    #[test]
    fn a_flood_is_one_gap() {
        let mut batch = Batch::default();
        (0..1000).for_each(|_| batch.tell_all([b"x", b"y"], Some(1)));
        assert_eq!(batch.edits[&1].len(), 1);
        assert_eq!(batch.view(1).count(), 0);
        assert_eq!(batch.view(2).count(), 1);
    }
}

//! Lines for many members as one piece of memory. There are two languages, and in each almost every line
//! goes to almost everybody who speaks it; so a batch is one run of bytes for each language, and for the
//! few who differ a list of what they do not get and what only they get, each in its place. Knows nothing
//! of names, rooms or sockets.

use std::collections::BTreeMap;
use std::ops::Range;

/// Tells members apart for the life of a server; never used again.
pub(crate) type MemberId = u64;

/// Which run of bytes a member gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Audience {
    /// That of the three commands.
    Base,
    /// That of the full language.
    Full,
    /// None: only what is meant for it alone.
    Silent,
}

/// Lines in one order, seen a little differently by some.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    base: Vec<u8>,
    full: Vec<u8>,
    private: Vec<u8>,
    views: BTreeMap<MemberId, View>,
    edits: usize,
}

/// How one member's view differs from that of its audience.
#[derive(Debug)]
struct View {
    /// The audience it was in before this batch.
    from: Audience,
    edits: Vec<Edit>,
    /// The audience it is in after it.
    to: Audience,
}

/// Before its audience's byte `at` the member gets `insert`, and then does not get the next `skip` bytes;
/// or goes on in another audience's bytes, at that place.
#[derive(Debug)]
struct Edit {
    at: usize,
    skip: usize,
    insert: Range<usize>,
    then: Option<(Audience, usize)>,
}

impl Batch {
    /// A batch that has these bytes for everybody who speaks the base, and nothing else.
    pub(crate) fn of(base: Vec<u8>) -> Self {
        Self { base, ..Self::default() }
    }

    /// The bytes held, which is what the batch costs for as long as one member has yet to read it.
    pub(crate) fn size(&self) -> usize {
        self.base.len() + self.full.len() + self.private.len() + self.edits * size_of::<Edit>()
    }

    /// Whether it has nothing for anybody, and changes nobody's audience.
    pub(crate) fn is_empty(&self) -> bool {
        self.size() == 0
    }

    /// What `member` gets, as a batch of [`Batch::of`]. For a member that gets little of a large batch:
    /// it shall not keep the whole of it alive.
    pub(crate) fn copy_for(&self, member: MemberId, audience: Audience) -> Self {
        Self::of(self.view(member, audience).flatten().copied().collect())
    }

    /// Adds a line, which `write` appends without its end, for a whole audience.
    pub(crate) fn tell_all(&mut self, audience: Audience, write: impl FnOnce(&mut Vec<u8>)) {
        if let Some(stream) = self.stream_mut(audience) {
            write(stream);
            stream.push(b'\n');
        }
    }

    /// Adds a line like [`Batch::tell_all`], for a whole audience but one member of it.
    pub(crate) fn tell_others(
        &mut self,
        audience: Audience,
        but: MemberId,
        write: impl FnOnce(&mut Vec<u8>),
    ) {
        let at = self.end(audience);
        self.tell_all(audience, write);
        let skip = self.end(audience) - at;
        let edits = &mut self.view_mut(but, audience).edits;
        match edits.last_mut() {
            // A member that says much has one long gap in its view, not a list of small ones.
            Some(last) if last.then.is_none() && last.at + last.skip == at => last.skip += skip,
            _ => {
                edits.push(Edit { at, skip, insert: 0..0, then: None });
                self.edits += 1;
            }
        }
    }

    /// Adds a line, without its end, for one member only, which is in this audience by now.
    pub(crate) fn tell_one(&mut self, member: MemberId, audience: Audience, line: &str) {
        self.tell_one_with(member, audience, |private| {
            private.extend_from_slice(line.as_bytes());
            private.push(b'\n');
        });
    }

    /// The same with any number of whole lines, which `write` appends, ends and all.
    pub(crate) fn tell_one_with(
        &mut self,
        member: MemberId,
        audience: Audience,
        write: impl FnOnce(&mut Vec<u8>),
    ) {
        let (at, start) = (self.end(audience), self.private.len());
        write(&mut self.private);
        let insert = start..self.private.len();
        let edits = &mut self.view_mut(member, audience).edits;
        match edits.last_mut() {
            // Private lines that follow each other are one piece.
            Some(last)
                if last.then.is_none() && last.at == at && last.skip == 0 && last.insert.end == start =>
            {
                last.insert.end = insert.end;
            }
            _ => {
                edits.push(Edit { at, skip: 0, insert, then: None });
                self.edits += 1;
            }
        }
    }

    /// Whether `member` gets anything else than its audience does.
    pub(crate) fn has_told(&self, member: MemberId) -> bool {
        self.views.contains_key(&member)
    }

    /// From here on, `member`, which was in the one audience, is in the other.
    pub(crate) fn switch(&mut self, member: MemberId, from: Audience, to: Audience) {
        let (at, then) = (self.end(from), Some((to, self.end(to))));
        let view = self.view_mut(member, from);
        view.to = to;
        view.edits.push(Edit { at, skip: 0, insert: 0..0, then });
        self.edits += 1;
    }

    /// What `member` gets, which was in this audience before.
    pub(crate) fn share(&self, member: MemberId, audience: Audience) -> Share<'_> {
        match self.views.get(&member) {
            Some(view) => Share::Own { len: self.pieces(view).map(<[u8]>::len).sum(), then: view.to },
            None => Share::Common(self.stream(audience)),
        }
    }

    /// What `member` gets, which was in this audience before: in order, in as few pieces as can be; none
    /// is empty.
    pub(crate) fn view(&self, member: MemberId, audience: Audience) -> impl Iterator<Item = &[u8]> {
        let view = self.views.get(&member);
        let common = view.is_none().then(|| self.stream(audience)).filter(|bytes| !bytes.is_empty());
        common.into_iter().chain(view.into_iter().flat_map(|view| self.pieces(view)))
    }

    fn pieces<'a>(&'a self, view: &'a View) -> impl Iterator<Item = &'a [u8]> {
        let (mut audience, mut place) = (view.from, 0);
        let edited = view.edits.iter().flat_map(move |edit| {
            let before = &self.stream(audience)[place..edit.at];
            (audience, place) = edit.then.unwrap_or((audience, edit.at + edit.skip));
            [before, &self.private[edit.insert.clone()]]
        });
        // Where it goes on after the last edit.
        let (last, rest) = view
            .edits
            .last()
            .map_or((view.from, 0), |edit| edit.then.unwrap_or((view.to, edit.at + edit.skip)));
        edited.chain([&self.stream(last)[rest..]]).filter(|piece| !piece.is_empty())
    }

    /// What almost everybody gets in this audience.
    pub(crate) fn stream(&self, audience: Audience) -> &[u8] {
        match audience {
            Audience::Base => &self.base,
            Audience::Full => &self.full,
            Audience::Silent => &[],
        }
    }

    fn stream_mut(&mut self, audience: Audience) -> Option<&mut Vec<u8>> {
        match audience {
            Audience::Base => Some(&mut self.base),
            Audience::Full => Some(&mut self.full),
            Audience::Silent => None,
        }
    }

    fn end(&self, audience: Audience) -> usize {
        self.stream(audience).len()
    }

    fn view_mut(&mut self, member: MemberId, audience: Audience) -> &mut View {
        self.views.entry(member).or_insert(View { from: audience, edits: Vec::new(), to: audience })
    }
}

/// One member's part in a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Share<'a> {
    /// What almost everybody gets in its audience.
    Common(&'a [u8]),
    /// A view of its own.
    Own {
        /// Its bytes.
        len: usize,
        /// The audience that the member is in afterwards.
        then: Audience,
    },
}

impl Share<'_> {
    /// Its bytes.
    pub(crate) fn len(self) -> usize {
        match self {
            Self::Common(bytes) => bytes.len(),
            Self::Own { len, .. } => len,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Audience::{Base, Full, Silent};
    use super::*;

    fn line(line: &str) -> impl FnOnce(&mut Vec<u8>) {
        move |out| out.extend_from_slice(line.as_bytes())
    }

    fn seen_by(batch: &Batch, member: MemberId, audience: Audience) -> String {
        let seen: Vec<u8> = batch.view(member, audience).flatten().copied().collect();
        match batch.share(member, audience) {
            Share::Common(bytes) => assert_eq!(bytes, seen),
            Share::Own { len, .. } => assert_eq!(len, seen.len()),
        }
        assert!(batch.view(member, audience).all(|piece| !piece.is_empty()));
        let copy = batch.copy_for(member, audience);
        assert_eq!(copy.stream(Base), seen);
        String::from_utf8(seen).unwrap()
    }

    #[test]
    fn everybody_sees_its_own_view_in_one_order() {
        let mut batch = Batch::default();
        batch.tell_one(3, Base, "three: before all");
        batch.tell_others(Base, 1, line("from one"));
        batch.tell_others(Base, 1, line("from one again"));
        batch.tell_one(1, Base, "one: between");
        batch.tell_others(Base, 2, line("from two"));
        batch.tell_all(Base, line("from nobody"));
        batch.tell_others(Base, 1, line("from one at last"));
        batch.tell_one(2, Base, "two: after all");
        batch.tell_one(2, Base, "two: once more");
        let all = "from one\nfrom one again\nfrom two\nfrom nobody\nfrom one at last\n";
        assert_eq!(seen_by(&batch, 9, Base), all);
        assert_eq!(seen_by(&batch, 1, Base), "one: between\nfrom two\nfrom nobody\n");
        let two = "from one\nfrom one again\nfrom nobody\nfrom one at last\ntwo: after all\ntwo: once more\n";
        assert_eq!(seen_by(&batch, 2, Base), two);
        assert_eq!(seen_by(&batch, 3, Base), format!("three: before all\n{all}"));
        assert_eq!(seen_by(&batch, 9, Full), "");
    }

    #[test]
    fn each_audience_has_its_own_bytes() {
        let mut batch = Batch::default();
        for audience in [Base, Full, Silent] {
            batch.tell_others(audience, 1, line(&format!("for {audience:?}")));
            batch.tell_one(4, Silent, "private");
        }
        assert_eq!(seen_by(&batch, 8, Base), "for Base\n");
        assert_eq!(seen_by(&batch, 9, Full), "for Full\n");
        assert_eq!(seen_by(&batch, 7, Silent), "");
        assert_eq!(seen_by(&batch, 4, Silent), "private\nprivate\nprivate\n");
    }

    #[test]
    fn who_goes_from_one_audience_to_another_misses_nothing_and_gets_nothing_twice() {
        let mut batch = Batch::default();
        let say = |batch: &mut Batch, number: u32| {
            batch.tell_all(Base, line(&format!("base {number}")));
            batch.tell_all(Full, line(&format!("full {number}")));
        };
        say(&mut batch, 1);
        batch.switch(5, Base, Silent);
        batch.tell_one(5, Silent, "welcome");
        say(&mut batch, 2);
        batch.tell_one(5, Silent, "all since");
        batch.switch(5, Silent, Full);
        batch.tell_one(5, Full, "who is here");
        say(&mut batch, 3);
        batch.tell_others(Full, 5, line("from five"));
        say(&mut batch, 4);
        batch.switch(6, Silent, Base);
        say(&mut batch, 5);
        let five = "base 1\nwelcome\nall since\nwho is here\nfull 3\nfull 4\nfull 5\n";
        assert_eq!(seen_by(&batch, 5, Base), five);
        assert_eq!(seen_by(&batch, 6, Silent), "base 5\n");
        assert!(matches!(batch.share(5, Base), Share::Own { then: Full, .. }));
        assert!(matches!(batch.share(6, Silent), Share::Own { then: Base, .. }));
    }

    #[test]
    fn a_switch_alone_is_something_to_hand_out() {
        let mut batch = Batch::default();
        assert!(batch.is_empty());
        batch.switch(1, Silent, Base);
        assert!(!batch.is_empty());
        assert!(matches!(batch.share(1, Silent), Share::Own { len: 0, then: Base }));
    }

    #[test]
    fn a_flood_is_one_gap() {
        let mut batch = Batch::default();
        (0..1000).for_each(|_| batch.tell_others(Base, 1, line("xy")));
        assert_eq!(batch.edits, 1);
        assert_eq!(batch.view(1, Base).count(), 0);
        assert_eq!(batch.view(2, Base).count(), 1);
    }
}

//! What is known of each server: how it was met, our key to the names there, and its password if it shall
//! be remembered. A small file that only its owner may read, shared by all windows of the program: each
//! looks into it anew and changes no more than it has to. Knows files; what follows from what is known is
//! decided elsewhere.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use crate::address::{Address, Addresses};
use crate::files;
use crate::invite::Fingerprint;

/// How a server was met before.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// Never, or only in plain text.
    #[default]
    Never,
    /// Only in plain text, which the person has accepted because it does not answer in TLS.
    Plain,
    /// With a certificate that this computer trusts.
    Trusted,
    /// With this certificate, which the person has accepted.
    Pinned(Fingerprint),
}

/// How a server was met, as it is written down.
const TRUSTED: &str = "trusted";
const PLAIN: &str = "plain text";

/// All that is known of servers. Clones are the same book.
#[derive(Clone)]
pub struct Book(Arc<Inner>);

struct Inner {
    /// Without one, the book lasts as long as the program.
    path: Option<PathBuf>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// What is known, whether or not it could be written.
    servers: Servers,
    /// Not all of it could be.
    is_unsaved: bool,
    /// What is wrong with the file, in words, until it was asked for.
    complaint: Option<String>,
}

/// It holds secrets: there is no way to print it.
#[derive(Default, Clone, Serialize, Deserialize)]
struct Servers {
    #[serde(default)]
    servers: BTreeMap<String, Server>,
}

#[derive(Default, Clone, Serialize, Deserialize)]
struct Server {
    /// [`TRUSTED`], [`PLAIN`], or the fingerprint of its certificate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    certificate: Option<String>,
    /// The fingerprint that an invite has promised, until it was met with that, or the person has decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    promised: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    password: Option<String>,
}

impl Book {
    /// The book in the file at `path`, which need not be there yet. It is not read before it is looked into.
    pub fn new(path: Option<PathBuf>) -> Self {
        Self(Arc::new(Inner { path, state: Mutex::default() }))
    }

    /// How the server at this address was met before.
    pub fn seen(&self, address: &Address) -> Seen {
        let certificate = self.look(address, |server| server.certificate.clone());
        match certificate.as_deref() {
            None => Seen::Never,
            Some(PLAIN) => Seen::Plain,
            // What cannot be read was something once: then no other certificate passes unasked.
            Some(word) => Fingerprint::parse(word).map_or(Seen::Trusted, Seen::Pinned),
        }
    }

    /// The server at this address is known so from now on, whatever an invite has promised.
    pub fn note(&self, address: &Address, seen: Seen) {
        let certificate = match seen {
            Seen::Never => None,
            Seen::Plain => Some(PLAIN.to_owned()),
            Seen::Trusted => Some(TRUSTED.to_owned()),
            Seen::Pinned(fingerprint) => Some(fingerprint.to_string()),
        };
        self.change(|servers| {
            let server = servers.entry(address);
            (server.certificate, server.promised) = (certificate, None);
        });
    }

    /// The certificate that an invite has promised for this address, while that has yet to be met or decided
    /// about.
    pub fn promised(&self, address: &Address) -> Option<Fingerprint> {
        self.look(address, |server| server.promised.as_deref().and_then(Fingerprint::parse))
    }

    /// An invite promises this certificate for this address, whatever an older one has promised. Nobody has to
    /// remember that who knows it already.
    pub fn promise(&self, address: &Address, fingerprint: Fingerprint) {
        let promise = (self.seen(address) != Seen::Pinned(fingerprint)).then_some(fingerprint);
        if self.promised(address) != promise {
            let promise = promise.map(|promise| promise.to_string());
            self.change(|servers| servers.entry(address).promised = promise);
        }
    }

    /// Our key at this address of a room: the same at all of its addresses, unless we were at some of them
    /// under another. Where there is none yet, one is drawn.
    pub fn key(&self, address: &Address, room: &Addresses) -> String {
        let places = || std::iter::once(address).chain(room.all());
        self.change(|servers| {
            let known = places().find_map(|place| servers.servers.get(&place.to_string())?.key.clone());
            let key = known.unwrap_or_else(draw_key);
            for place in places() {
                servers.entry(place).key.get_or_insert_with(|| key.clone());
            }
            servers.entry(address).key.clone().unwrap_or(key)
        })
    }

    /// The password of the room at this address, if it is remembered.
    pub fn password(&self, address: &Address) -> Option<String> {
        self.look(address, |server| server.password.clone())
    }

    /// Remembers the password of the room at this address, or forgets it.
    pub fn remember_password(&self, address: &Address, password: Option<&str>) {
        if password.is_some() || self.password(address).is_some() {
            let password = password.map(str::to_owned);
            self.change(|servers| servers.entry(address).password = password);
        }
    }

    /// What is wrong with the file, in words, if something was since this was last asked.
    pub fn complaint(&self) -> Option<String> {
        self.lock().complaint.take()
    }

    fn look<T>(&self, address: &Address, what: impl Fn(&Server) -> Option<T>) -> Option<T> {
        let mut state = self.lock();
        self.refresh(&mut state);
        state.servers.servers.get(&address.to_string()).and_then(what)
    }

    /// Makes a change in what the file holds by now.
    fn change<T>(&self, change: impl FnOnce(&mut Servers) -> T) -> T {
        let mut state = self.lock();
        let lock = self.0.path.as_deref().map(files::lock);
        let is_whole = self.refresh(&mut state);
        let done = change(&mut state.servers);
        let (Some(path), Some(lock)) = (&self.0.path, lock) else { return done };
        // What could not be read must not be written over: it holds what is known of other servers.
        let written = lock.and_then(|_lock| if is_whole { write(path, &state.servers) } else { Ok(()) });
        state.is_unsaved = written.is_err() || !is_whole;
        if let Err(error) = written {
            state.complaint = Some(format!(
                "What is known of servers could not be saved in {}: {error}. It is known until the program ends.",
                path.display()
            ));
        }
        done
    }

    /// Takes up what the file holds by now. Gives whether it may be written.
    fn refresh(&self, state: &mut State) -> bool {
        let Some(path) = &self.0.path else { return true };
        match read(path) {
            Ok(Some(found)) if state.is_unsaved => {
                let own = std::mem::replace(&mut state.servers, found);
                state.servers.servers.extend(own.servers);
            }
            Ok(Some(found)) => state.servers = found,
            Ok(None) => {}
            Err(error) if error.kind() == ErrorKind::InvalidData => {
                let aside = path.with_extension("broken.json");
                let kept = fs::rename(path, &aside);
                state.complaint = Some(match &kept {
                    Ok(()) => format!(
                        "What is known of servers could not be understood, so each is met anew. The old file is kept as {}.",
                        aside.display()
                    ),
                    Err(error) => format!(
                        "What is known of servers, in {}, could not be understood, nor set aside: {error}.",
                        path.display()
                    ),
                });
                return kept.is_ok();
            }
            Err(error) => {
                state.complaint = Some(format!(
                    "What is known of servers, in {}, could not be read: {error}. Each is met anew.",
                    path.display()
                ));
                return false;
            }
        }
        true
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        // Nothing in between can leave it half changed.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Book {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Book").field("path", &self.0.path).finish_non_exhaustive()
    }
}

impl Servers {
    fn entry(&mut self, address: &Address) -> &mut Server {
        self.servers.entry(address.to_string()).or_default()
    }
}

/// 32 bytes from the operating system, in hexadecimal digits.
fn draw_key() -> String {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).expect("the operating system has random bytes");
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn read(path: &Path) -> io::Result<Option<Servers>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(serde_json::from_slice(&bytes).map_err(|error| {
            // Without the particulars: they may quote a secret.
            log::warn!("{}: line {}, column {}", path.display(), error.line(), error.column());
            io::Error::from(ErrorKind::InvalidData)
        })?)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn write(path: &Path, servers: &Servers) -> io::Result<()> {
    files::write_whole(path, &serde_json::to_vec_pretty(servers)?)
}

/// Where this user's book is: beside the settings. `None` when there is no home.
pub fn default_path() -> Option<PathBuf> {
    let folders = directories::ProjectDirs::from("", "", "oneroom")?;
    Some(folders.config_dir().join("servers.json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(typed: &str) -> Address {
        Address::parse(typed).unwrap()
    }

    fn room(typed: &str) -> Addresses {
        Addresses::parse(typed).unwrap()
    }

    #[test]
    fn two_windows_share_one_book() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/servers.json");
        let [one, two] = [(); 2].map(|()| Book::new(Some(path.clone())));
        let pin = Seen::Pinned(Fingerprint::of(b"certificate"));
        assert_eq!(one.seen(&address("a")), Seen::Never);
        one.note(&address("a"), pin);
        two.note(&address("b:5"), Seen::Trusted);
        two.remember_password(&address("b:5"), Some("open sesame"));
        assert_eq!((two.seen(&address("a:3333")), one.seen(&address("b:5"))), (pin, Seen::Trusted));
        assert_eq!(one.password(&address("b:5")).as_deref(), Some("open sesame"));
        one.remember_password(&address("b:5"), None);
        one.note(&address("a"), Seen::Never);
        assert_eq!((two.password(&address("b:5")), two.seen(&address("a"))), (None, Seen::Never));
        assert_eq!(one.complaint().or(two.complaint()), None);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn what_an_invite_has_promised_is_kept_until_it_is_met() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("servers.json");
        let book = Book::new(Some(path.clone()));
        let [one, other] = [b"one", b"two"].map(|certificate| Fingerprint::of(certificate));
        book.promise(&address("a"), one);
        book.note(&address("b"), Seen::Plain);
        let again = Book::new(Some(path));
        assert_eq!((again.seen(&address("a")), again.promised(&address("a"))), (Seen::Never, Some(one)));
        assert_eq!((again.seen(&address("b")), again.promised(&address("b"))), (Seen::Plain, None));
        again.note(&address("a"), Seen::Pinned(one));
        assert_eq!(book.promised(&address("a")), None);
        book.promise(&address("a"), one);
        assert_eq!(book.promised(&address("a")), None, "it is known by that already");
        book.promise(&address("a"), other);
        assert_eq!(
            (book.seen(&address("a")), book.promised(&address("a"))),
            (Seen::Pinned(one), Some(other))
        );
        // A newer invite is the one that counts, also where it only says what is known.
        book.promise(&address("a"), one);
        assert_eq!((book.seen(&address("a")), book.promised(&address("a"))), (Seen::Pinned(one), None));
    }

    #[test]
    fn a_key_is_drawn_once_for_a_room() {
        let book = Book::new(None);
        let key = book.key(&address("a"), &room("a"));
        assert_eq!((key.len(), key.bytes().all(|byte| byte.is_ascii_hexdigit())), (64, true));
        assert_eq!(book.key(&address("a"), &room("a")), key);
        assert_eq!(book.key(&address("b"), &room("b,a")), key, "one room, one key");
        assert_ne!(book.key(&address("c"), &room("c")), key);
        assert!(!format!("{book:?}").contains(&key));
    }

    #[test]
    fn a_book_that_cannot_be_understood_is_set_aside() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("servers.json");
        fs::write(&path, "{\"servers\": 5}").unwrap();
        let book = Book::new(Some(path.clone()));
        book.note(&address("a"), Seen::Trusted);
        assert!(book.complaint().unwrap().contains("servers.broken.json"));
        assert_eq!(fs::read(path.with_extension("broken.json")).unwrap(), b"{\"servers\": 5}");
        assert_eq!(Book::new(Some(path)).seen(&address("a")), Seen::Trusted);
    }

    #[test]
    fn what_cannot_be_written_is_known_all_the_same_and_said() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        let book = Book::new(Some(file.join("servers.json")));
        let key = book.key(&address("a"), &room("a"));
        assert!(book.complaint().unwrap().contains("could not be"));
        assert_eq!(book.key(&address("a"), &room("a")), key);
    }
}

//! Forgets the sessions that have not spoken for longest, once there are too many, in steps of about a
//! millisecond: first all are looked at, then those go that are too many. Knows neither messages nor when
//! its steps are due.

use rusqlite::{Connection, params};

use super::entry::SessionId;

/// How many sessions one step looks at. They lie side by side on a few pages.
const SWEPT: i64 = 1024;

/// How far it has come.
#[derive(Debug)]
pub(super) struct Sweep {
    /// How many are kept.
    most: usize,
    /// The last that was looked at, if one was.
    at: Option<SessionId>,
    look: Look,
}

#[derive(Debug)]
enum Look {
    /// For the newest message of each.
    First(Vec<i64>),
    /// For those whose newest message comes before this one. So many were kept.
    Second(i64, u64),
}

impl Sweep {
    /// From the beginning: so many are kept.
    pub(super) fn new(most: u64) -> Self {
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        Self { most, at: None, look: Look::First(Vec::new()) }
    }

    /// Does one step. When it was the last one, says how many sessions there are.
    pub(super) fn step(&mut self, connection: &Connection) -> rusqlite::Result<Option<u64>> {
        let after: &[u8] = self.at.as_ref().map_or(&[], |at| at);
        match &mut self.look {
            Look::First(lasts) => {
                let sql = "SELECT session, last FROM session WHERE session > ?1 ORDER BY session LIMIT ?2";
                let mut sessions = connection.prepare_cached(sql)?;
                let mut rows = sessions.query(params![after, SWEPT])?;
                let mut some = Vec::new();
                let mut at = None;
                while let Some(row) = rows.next()? {
                    at = Some(row.get(0)?);
                    some.push(row.get(1)?);
                }
                lasts.append(&mut some);
                self.at = at;
                if at.is_some() {
                    return Ok(None);
                }
                let surplus = lasts.len().saturating_sub(self.most);
                if surplus == 0 || surplus == lasts.len() {
                    return Ok(Some(lasts.len() as u64));
                }
                let (_, &mut oldest, _) = lasts.select_nth_unstable(surplus);
                self.look = Look::Second(oldest, 0);
            }
            Look::Second(oldest, kept) => {
                let sql = "SELECT max(session), count(*) FROM
                    (SELECT session FROM session WHERE session > ?1 ORDER BY session LIMIT ?2)";
                let mut some = connection.prepare_cached(sql)?;
                let (at, count) = some.query_row(params![after, SWEPT], |row| {
                    Ok((row.get::<_, Option<SessionId>>(0)?, row.get::<_, i64>(1)?))
                })?;
                let Some(to) = at else { return Ok(Some(*kept)) };
                let forget = "DELETE FROM session WHERE session > ?1 AND session <= ?2 AND last < ?3";
                let gone = connection.prepare_cached(forget)?.execute(params![after, to, *oldest])?;
                *kept += count.cast_unsigned() - gone as u64;
                self.at = at;
            }
        }
        Ok(None)
    }
}

//! What a run wrote: the quota of disk and files, and the names.

use std::collections::{BTreeSet, HashMap};

use crate::{
    policy::{LimitKind, Limits},
    supervise::LimitHit,
};

/// How many names of written files are kept.
const MOST_NAMES: usize = 256;
/// How many files a guest may have open: fewer than processes commonly may, with room for other runs.
const MOST_OPEN: usize = 64;

/// A file or folder that the guest has open.
#[derive(Debug, Clone)]
struct Open {
    /// Tells it from others that have the same number before and after it.
    serial: u64,
    path: String,
    /// Up to where the file is paid for.
    paid: u64,
    append: bool,
}

/// Counts growth before it happens.
///
/// Invariant: the files of the folder never hold more than they did before the run and `disk` together. Every open file
/// knows up to where it is paid for: its size when it was opened, and what was charged since. What lies beyond is charged
/// first, holes too. Nothing is ever paid back, so a file that is written through two descriptors is charged twice at
/// most, never not at all.
#[derive(Debug)]
pub(crate) struct Ledger {
    disk_limit: u64,
    files_left: u32,
    pub(crate) disk: u64,
    open: HashMap<u32, Open>,
    serials: u64,
    written: BTreeSet<String>,
}

impl Ledger {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            disk_limit: limits.disk,
            files_left: limits.files,
            disk: 0,
            open: HashMap::new(),
            serials: 0,
            written: BTreeSet::new(),
        }
    }

    /// Charges for bytes.
    pub(crate) fn charge(&mut self, bytes: u64) -> Result<(), LimitHit> {
        match self.disk.checked_add(bytes) {
            Some(sum) if sum <= self.disk_limit => {
                self.disk = sum;
                Ok(())
            }
            _ => Err(LimitHit(LimitKind::Disk)),
        }
    }

    /// Whether one more file, folder or link may be made.
    pub(crate) fn may_create(&self) -> Result<(), LimitHit> {
        match self.files_left {
            0 => Err(LimitHit(LimitKind::Files)),
            _ => Ok(()),
        }
    }

    /// It was made.
    pub(crate) fn created(&mut self) {
        self.files_left = self.files_left.saturating_sub(1);
    }

    /// Whether one more may be open.
    pub(crate) fn may_open(&self) -> bool {
        self.open.len() < MOST_OPEN
    }

    /// A file or folder was opened as `fd`; `size` is what the file holds.
    pub(crate) fn opened(&mut self, fd: u32, path: String, size: u64, append: bool) {
        self.serials += 1;
        self.open.insert(fd, Open { serial: self.serials, path, paid: size, append });
    }

    /// The serial number of what is open as `fd`; 0 where nothing is.
    pub(crate) fn serial(&self, fd: u32) -> u64 {
        self.open.get(&fd).map_or(0, |open| open.serial)
    }

    pub(crate) fn closed(&mut self, fd: u32) {
        self.open.remove(&fd);
    }

    pub(crate) fn renumbered(&mut self, from: u32, to: u32) {
        if from == to {
            return;
        }
        match self.open.remove(&from) {
            Some(open) => self.open.insert(to, open),
            None => self.open.remove(&to),
        };
    }

    pub(crate) fn set_append(&mut self, fd: u32, append: bool) {
        if let Some(open) = self.open.get_mut(&fd) {
            open.append = append;
        }
    }

    /// Whether `fd` is a file or folder that the guest opened: what is not is one of the standard streams or the folder
    /// that it was given.
    pub(crate) fn knows(&self, fd: u32) -> bool {
        self.open.contains_key(&fd)
    }

    /// Charges for a write of `length` bytes at `position`.
    pub(crate) fn write(&mut self, fd: u32, position: u64, length: u64) -> Result<(), LimitHit> {
        let Some(open) = self.open.get(&fd) else { return Ok(()) };
        let (growth, paid) = match open.append {
            true => (length, open.paid.saturating_add(length)),
            false => {
                let end = position.saturating_add(length);
                (end.saturating_sub(open.paid), end.max(open.paid))
            }
        };
        self.pay(fd, growth, paid)
    }

    /// Charges for a file that is made `size` bytes long.
    pub(crate) fn resize(&mut self, fd: u32, size: u64) -> Result<(), LimitHit> {
        let Some(open) = self.open.get(&fd) else { return Ok(()) };
        self.pay(fd, size.saturating_sub(open.paid), size.max(open.paid))
    }

    fn pay(&mut self, fd: u32, growth: u64, paid: u64) -> Result<(), LimitHit> {
        self.charge(growth)?;
        if let Some(open) = self.open.get_mut(&fd) {
            open.paid = paid;
            if !self.written.contains(&open.path) {
                let path = open.path.clone();
                self.wrote(path);
            }
        }
        Ok(())
    }

    /// Notes the name of a file that was made or changed.
    pub(crate) fn wrote(&mut self, path: String) {
        if self.written.len() < MOST_NAMES && !path.is_empty() {
            self.written.insert(path);
        }
    }

    pub(crate) fn removed(&mut self, path: &str) {
        self.written.remove(path);
    }

    pub(crate) fn renamed(&mut self, from: &str, to: String) {
        let below = format!("{from}/");
        let moved: Vec<_> = self.written.iter().filter(|name| name.starts_with(&below)).cloned().collect();
        for name in &moved {
            self.written.remove(name);
            self.wrote(format!("{to}/{}", &name[below.len()..]));
        }
        if self.written.remove(from) || moved.is_empty() {
            self.wrote(to);
        }
    }

    /// The path of `path` in the folder, as text: `.` and `..` resolved, links not.
    pub(crate) fn path(&self, folder: u32, path: &str) -> String {
        let folder = self.open.get(&folder).map_or("", |open| open.path.as_str());
        let mut parts: Vec<&str> = Vec::new();
        for part in folder.split('/').chain(path.split('/')) {
            match part {
                "" | "." => {}
                ".." => {
                    parts.pop();
                }
                part => parts.push(part),
            }
        }
        parts.join("/")
    }

    pub(crate) fn written(self) -> Vec<String> {
        self.written.into_iter().collect()
    }
}

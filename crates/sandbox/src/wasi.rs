//! WASI preview 1 for programs: wasmtime-wasi's implementation, with the functions that make or grow files shadowed by
//! ones that charge for it first, and `toolwright::report`.

use wasmtime::{AsContextMut, Caller, Engine, Extern, Linker, bail};
use wasmtime_wasi::p1::{
    self, WasiP1Ctx, types,
    wasi_snapshot_preview1::{self as preview1, WasiSnapshotPreview1},
};
use wiggle::{GuestMemory, GuestPtr};

use crate::{clock::FixedTime, ledger::Ledger, meter::MemoryMeter};

const MODULE: &str = "wasi_snapshot_preview1";
/// Most bytes of a report.
const REPORT: usize = 256 << 10;
/// Most parts of one write, and most events that one call waits for; IOV_MAX of common systems.
const MOST_PARTS: u32 = 1024;
/// Most bytes of a path; PATH_MAX of common systems.
const MOST_PATH: usize = 4096;

/// Error numbers of preview 1.
mod errno {
    pub(super) const SUCCESS: i32 = 0;
    pub(super) const INVAL: i32 = 28;
    pub(super) const MFILE: i32 = 33;
    pub(super) const NAMETOOLONG: i32 = 37;
    pub(super) const PERM: i32 = 63;
}

/// Bits of preview 1.
mod bits {
    pub(super) const OPEN_CREATE: i32 = 1;
    pub(super) const OPEN_TRUNCATE: i32 = 8;
    pub(super) const FLAG_APPEND: i32 = 1;
    pub(super) const RIGHT_WRITE: i64 = 1 << 6;
    pub(super) const CLOCK_ABSOLUTE: u16 = 1;
}

/// What one run of a program has in the store.
pub(crate) struct Guest {
    pub(crate) wasi: WasiP1Ctx,
    pub(crate) memory: MemoryMeter,
    pub(crate) ledger: Ledger,
    pub(crate) report: Option<Vec<u8>>,
    pub(crate) time: Option<FixedTime>,
}

/// The guest's memory and the run's state, side by side.
fn parts<'a>(caller: &'a mut Caller<'_, Guest>) -> wasmtime::Result<(GuestMemory<'a>, &'a mut Guest)> {
    let fuel = caller.as_context_mut().hostcall_fuel();
    let Some(Extern::Memory(memory)) = caller.get_export("memory") else {
        bail!("the guest exports no memory");
    };
    let (memory, guest) = memory.data_and_store_mut(caller);
    guest.wasi.set_hostcall_fuel(fuel);
    Ok((GuestMemory::Unshared(memory), guest))
}

/// Shadows a function of preview 1. `$guest` and `$memory` are bound in the body, which gives the error number.
macro_rules! shadow {
    ($linker:ident, $name:literal, |$guest:ident, $memory:ident, $($argument:ident: $type:ty),+| $body:block) => {
        $linker.func_wrap_async(MODULE, $name, |mut caller: Caller<'_, Guest>, ($($argument,)+): ($($type,)+)| {
            Box::new(async move {
                #[allow(unused_mut, reason = "not every function writes to the guest's memory")]
                let (mut $memory, $guest) = parts(&mut caller)?;
                let result: wasmtime::Result<i32> = $body;
                result
            })
        })?
    };
}

/// Everything that a program may import.
pub(crate) fn linker(engine: &Engine) -> wasmtime::Result<Linker<Guest>> {
    let mut linker = Linker::new(engine);
    p1::add_to_linker_async(&mut linker, |guest: &mut Guest| &mut guest.wasi)?;
    linker.allow_shadowing(true);
    shadow_descriptors(&mut linker)?;
    shadow_paths(&mut linker)?;
    shadow_sleep(&mut linker)?;
    linker.func_wrap("toolwright", "report", |mut caller: Caller<'_, Guest>, at: u32, length: u32| {
        let (memory, guest) = parts(&mut caller)?;
        if length as usize > REPORT {
            bail!("a report of {length} bytes is longer than {REPORT}");
        }
        guest.report = Some(memory.to_vec(GuestPtr::<[u8]>::new((at, length)))?);
        Ok(())
    })?;
    Ok(linker)
}

fn shadow_descriptors(linker: &mut Linker<Guest>) -> wasmtime::Result<()> {
    shadow!(linker, "fd_write", |guest, memory, fd: i32, parts: i32, count: i32, out: i32| {
        if guest.ledger.knows(fd.cast_unsigned()) {
            let Some(length) = first_part(&memory, parts, count)? else { return Ok(errno::INVAL) };
            // A folder has no position; it is refused below.
            let position = guest.wasi.fd_tell(&mut memory, fd.cast_unsigned().into()).unwrap_or_default();
            guest.ledger.write(fd.cast_unsigned(), position, length)?;
        }
        preview1::fd_write(&mut guest.wasi, &mut memory, fd, parts, count, out).await
    });
    shadow!(linker, "fd_pwrite", |guest, memory, fd: i32, parts: i32, count: i32, offset: i64, out: i32| {
        if guest.ledger.knows(fd.cast_unsigned()) {
            let Some(length) = first_part(&memory, parts, count)? else { return Ok(errno::INVAL) };
            guest.ledger.write(fd.cast_unsigned(), offset.cast_unsigned(), length)?;
        }
        preview1::fd_pwrite(&mut guest.wasi, &mut memory, fd, parts, count, offset, out).await
    });
    // `fd_allocate` grows nothing: wasmtime-wasi answers that it is not supported.
    shadow!(linker, "fd_filestat_set_size", |guest, memory, fd: i32, size: i64| {
        guest.ledger.resize(fd.cast_unsigned(), size.cast_unsigned())?;
        preview1::fd_filestat_set_size(&mut guest.wasi, &mut memory, fd, size).await
    });
    shadow!(linker, "fd_fdstat_set_flags", |guest, memory, fd: i32, flags: i32| {
        let result = preview1::fd_fdstat_set_flags(&mut guest.wasi, &mut memory, fd, flags)?;
        if result == errno::SUCCESS {
            guest.ledger.set_append(fd.cast_unsigned(), flags & bits::FLAG_APPEND != 0);
        }
        Ok(result)
    });
    shadow!(linker, "fd_close", |guest, memory, fd: i32| {
        let result = preview1::fd_close(&mut guest.wasi, &mut memory, fd).await?;
        if result == errno::SUCCESS {
            guest.ledger.closed(fd.cast_unsigned());
        }
        Ok(result)
    });
    shadow!(linker, "fd_renumber", |guest, memory, from: i32, to: i32| {
        let result = preview1::fd_renumber(&mut guest.wasi, &mut memory, from, to).await?;
        if result == errno::SUCCESS {
            guest.ledger.renumbered(from.cast_unsigned(), to.cast_unsigned());
        }
        Ok(result)
    });
    Ok(())
}

fn shadow_paths(linker: &mut Linker<Guest>) -> wasmtime::Result<()> {
    shadow!(linker, "path_open", |guest,
                                  memory,
                                  folder: i32,
                                  lookup: i32,
                                  path: i32,
                                  length: i32,
                                  open: i32,
                                  rights: i64,
                                  inherited: i64,
                                  flags: i32,
                                  out: i32| {
        if !guest.ledger.may_open() {
            return Ok(errno::MFILE);
        }
        let Some(name) = name(&memory, path, length)? else { return Ok(errno::NAMETOOLONG) };
        let name = guest.ledger.path(folder.cast_unsigned(), &name);
        let create = open & bits::OPEN_CREATE != 0 && !exists(guest, &mut memory, folder, lookup, path, length).await;
        if create {
            guest.ledger.may_create()?;
        }
        let result = preview1::path_open(
            &mut guest.wasi,
            &mut memory,
            folder,
            lookup,
            path,
            length,
            open,
            rights,
            inherited,
            flags,
            out,
        )
        .await?;
        if result != errno::SUCCESS {
            return Ok(result);
        }
        let fd = memory.read(GuestPtr::<u32>::new(out.cast_unsigned()))?;
        let truncate = open & bits::OPEN_TRUNCATE != 0;
        let mut size = 0;
        if !truncate && !create && rights & bits::RIGHT_WRITE != 0 {
            size = guest.wasi.fd_filestat_get(&mut memory, fd.into()).await.map_or(0, |status| status.size);
        }
        if create {
            guest.ledger.created();
        }
        if create || truncate {
            guest.ledger.wrote(name.clone());
        }
        guest.ledger.opened(fd, name, size, flags & bits::FLAG_APPEND != 0);
        Ok(result)
    });
    shadow!(linker, "path_create_directory", |guest, memory, folder: i32, path: i32, length: i32| {
        guest.ledger.may_create()?;
        let result = preview1::path_create_directory(&mut guest.wasi, &mut memory, folder, path, length).await?;
        if result == errno::SUCCESS {
            guest.ledger.created();
        }
        Ok(result)
    });
    shadow!(linker, "path_symlink", |guest,
                                     memory,
                                     target: i32,
                                     target_length: i32,
                                     folder: i32,
                                     path: i32,
                                     length: i32| {
        guest.ledger.may_create()?;
        let (Some(to), Some(name)) = (name(&memory, target, target_length)?, name(&memory, path, length)?) else {
            return Ok(errno::NAMETOOLONG);
        };
        if !points_down(&to) {
            return Ok(errno::PERM);
        }
        let result =
            preview1::path_symlink(&mut guest.wasi, &mut memory, target, target_length, folder, path, length).await?;
        if result == errno::SUCCESS {
            guest.ledger.created();
            guest.ledger.wrote(guest.ledger.path(folder.cast_unsigned(), &name));
        }
        Ok(result)
    });
    shadow!(linker, "path_link", |guest,
                                  memory,
                                  from: i32,
                                  lookup: i32,
                                  old: i32,
                                  old_length: i32,
                                  to: i32,
                                  path: i32,
                                  length: i32| {
        guest.ledger.may_create()?;
        let Some(name) = name(&memory, path, length)? else { return Ok(errno::NAMETOOLONG) };
        let result =
            preview1::path_link(&mut guest.wasi, &mut memory, from, lookup, old, old_length, to, path, length).await?;
        if result == errno::SUCCESS {
            guest.ledger.created();
            guest.ledger.wrote(guest.ledger.path(to.cast_unsigned(), &name));
        }
        Ok(result)
    });
    shadow!(linker, "path_rename", |guest,
                                    memory,
                                    from: i32,
                                    old: i32,
                                    old_length: i32,
                                    to: i32,
                                    path: i32,
                                    length: i32| {
        let (Some(before), Some(after)) = (name(&memory, old, old_length)?, name(&memory, path, length)?) else {
            return Ok(errno::NAMETOOLONG);
        };
        let result =
            preview1::path_rename(&mut guest.wasi, &mut memory, from, old, old_length, to, path, length).await?;
        if result == errno::SUCCESS {
            let before = guest.ledger.path(from.cast_unsigned(), &before);
            let after = guest.ledger.path(to.cast_unsigned(), &after);
            guest.ledger.renamed(&before, after);
        }
        Ok(result)
    });
    shadow!(linker, "path_unlink_file", |guest, memory, folder: i32, path: i32, length: i32| {
        let Some(name) = name(&memory, path, length)? else { return Ok(errno::NAMETOOLONG) };
        let result = preview1::path_unlink_file(&mut guest.wasi, &mut memory, folder, path, length).await?;
        if result == errno::SUCCESS {
            let name = guest.ledger.path(folder.cast_unsigned(), &name);
            guest.ledger.removed(&name);
        }
        Ok(result)
    });
    Ok(())
}

/// A sleep moves the fixed time on by its length; or a loop that sleeps until a time has come would sleep for ever.
fn shadow_sleep(linker: &mut Linker<Guest>) -> wasmtime::Result<()> {
    shadow!(linker, "poll_oneoff", |guest, memory, events: i32, out: i32, count: i32, occurred: i32| {
        if count.cast_unsigned() > MOST_PARTS {
            return Ok(errno::INVAL);
        }
        let slept = match &guest.time {
            Some(time) => sleep_of(&memory, events.cast_unsigned(), count.cast_unsigned(), time)?,
            None => None,
        };
        let result = preview1::poll_oneoff(&mut guest.wasi, &mut memory, events, out, count, occurred).await?;
        if let (errno::SUCCESS, Some(time), Some(slept)) = (result, &guest.time, slept) {
            time.advance(slept);
        }
        Ok(result)
    });
    Ok(())
}

/// How long `poll_oneoff` sleeps when it waits for clocks alone: a subscription has 48 bytes, its kind at 8, the clock at
/// 16, the time at 24 and flags at 40.
fn sleep_of(memory: &GuestMemory<'_>, events: u32, count: u32, time: &FixedTime) -> wasmtime::Result<Option<u64>> {
    let mut shortest: Option<u64> = None;
    for event in 0..count {
        let Some(at) = events.checked_add(event * 48).filter(|at| at.checked_add(48).is_some()) else {
            return Ok(None);
        };
        if memory.read(GuestPtr::<u8>::new(at + 8))? != 0 {
            return Ok(None);
        }
        let clock = memory.read(GuestPtr::<u32>::new(at + 16))?;
        let mut length = memory.read(GuestPtr::<u64>::new(at + 24))?;
        if memory.read(GuestPtr::<u16>::new(at + 40))? & bits::CLOCK_ABSOLUTE != 0 {
            length = length.saturating_sub(if clock == 0 { time.realtime() } else { time.monotonic() });
        }
        shortest = Some(shortest.map_or(length, |shortest| shortest.min(length)));
    }
    Ok(shortest)
}

/// The length of the first part that is not empty, which is all that wasmtime-wasi writes at once. None: too many parts.
fn first_part(memory: &GuestMemory<'_>, parts: i32, count: i32) -> wasmtime::Result<Option<u64>> {
    let count = count.cast_unsigned();
    if count > MOST_PARTS {
        return Ok(None);
    }
    for part in GuestPtr::<[types::Ciovec]>::new((parts.cast_unsigned(), count)).iter() {
        let length = memory.read(part?)?.buf_len;
        if length > 0 {
            return Ok(Some(u64::from(length)));
        }
    }
    Ok(Some(0))
}

/// A path in the guest's memory. None: too long.
fn name(memory: &GuestMemory<'_>, at: i32, length: i32) -> wasmtime::Result<Option<String>> {
    let length = length.cast_unsigned();
    if length as usize > MOST_PATH {
        return Ok(None);
    }
    let bytes = memory.to_vec(GuestPtr::<[u8]>::new((at.cast_unsigned(), length)))?;
    Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
}

/// Whether a link with this target stays below the folder it lies in, wherever it is moved to. The guest could not follow
/// another, but what reads the folder on the host later might.
pub(crate) fn points_down(target: &str) -> bool {
    !target.is_empty() && !target.starts_with(['/', '\\']) && target.split(['/', '\\']).all(|part| part != "..")
}

async fn exists(
    guest: &mut Guest,
    memory: &mut GuestMemory<'_>,
    folder: i32,
    lookup: i32,
    path: i32,
    length: i32,
) -> bool {
    let Ok(lookup) = types::Lookupflags::try_from(lookup) else { return false };
    let path = GuestPtr::<str>::new((path.cast_unsigned(), length.cast_unsigned()));
    guest.wasi.path_filestat_get(memory, folder.cast_unsigned().into(), lookup, path).await.is_ok()
}

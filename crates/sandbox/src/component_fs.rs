//! `wasi:filesystem/types` for components: wasmtime-wasi's implementation behind the ledger, as in [`crate::wasi`].

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use wasmtime::component::{HasData, Linker, Resource};
use wasmtime_wasi::{
    filesystem::{Descriptor, WasiFilesystemCtxView, WasiFilesystemView},
    p2::{
        DynInputStream, DynOutputStream, FsError, FsResult, OutputStream, Pollable, ReaddirIterator, StreamError,
        StreamResult,
        bindings::filesystem::types::{self, ErrorCode, HostDescriptor, HostDirectoryEntryStream},
    },
};

use crate::{component::Called, ledger::Ledger, supervise::LimitHit, wasi::points_down};

type Fd = Resource<Descriptor>;

/// Puts the counted implementation in the place of the other.
pub(crate) fn shadow(linker: &mut Linker<Called>) -> wasmtime::Result<()> {
    types::add_to_linker::<Called, Files>(linker, |called| Counted {
        ledger: Arc::clone(&called.ledger),
        inner: called.filesystem(),
    })
}

struct Files;

impl HasData for Files {
    type Data<'a> = Counted<'a>;
}

/// The files of one call, and what they cost.
pub(crate) struct Counted<'a> {
    inner: WasiFilesystemCtxView<'a>,
    ledger: Arc<Mutex<Ledger>>,
}

fn lock(ledger: &Mutex<Ledger>) -> MutexGuard<'_, Ledger> {
    ledger.lock().unwrap_or_else(PoisonError::into_inner)
}

fn ended(hit: LimitHit) -> FsError {
    FsError::trap(hit)
}

impl Counted<'_> {
    fn may_create(&self) -> FsResult<()> {
        lock(&self.ledger).may_create().map_err(ended)
    }

    fn created(&self) {
        lock(&self.ledger).created();
    }

    /// Puts the ledger between the guest and a stream that writes to a file.
    fn counted(
        &mut self,
        fd: u32,
        position: Option<u64>,
        stream: Resource<DynOutputStream>,
    ) -> FsResult<Resource<DynOutputStream>> {
        let stream = self.inner.table.delete(stream)?;
        let serial = lock(&self.ledger).serial(fd);
        let stream = CountedStream { stream, ledger: Arc::clone(&self.ledger), fd, serial, position, paid: 0 };
        Ok(self.inner.table.push(Box::new(stream) as DynOutputStream)?)
    }
}

impl types::Host for Counted<'_> {
    fn convert_error_code(&mut self, error: FsError) -> wasmtime::Result<ErrorCode> {
        self.inner.convert_error_code(error)
    }

    fn filesystem_error_code(&mut self, error: Resource<wasmtime::Error>) -> wasmtime::Result<Option<ErrorCode>> {
        self.inner.filesystem_error_code(error)
    }
}

impl HostDescriptor for Counted<'_> {
    // What makes or grows files.

    async fn open_at(
        &mut self,
        folder: Fd,
        lookup: types::PathFlags,
        path: String,
        open: types::OpenFlags,
        flags: types::DescriptorFlags,
    ) -> FsResult<Fd> {
        if !lock(&self.ledger).may_open() {
            return Err(ErrorCode::Busy.into());
        }
        let create = open.contains(types::OpenFlags::CREATE)
            && self.inner.stat_at(borrow(&folder), lookup, path.clone()).await.is_err();
        if create {
            self.may_create()?;
        }
        let fd = self.inner.open_at(folder, lookup, path, open, flags).await?;
        let mut size = 0;
        if !create && !open.contains(types::OpenFlags::TRUNCATE) && flags.contains(types::DescriptorFlags::WRITE) {
            size = self.inner.stat(borrow(&fd)).await.map_or(0, |status| status.size);
        }
        if create {
            self.created();
        }
        lock(&self.ledger).opened(fd.rep(), String::new(), size, false);
        Ok(fd)
    }

    async fn set_size(&mut self, fd: Fd, size: u64) -> FsResult<()> {
        lock(&self.ledger).resize(fd.rep(), size).map_err(ended)?;
        self.inner.set_size(fd, size).await
    }

    async fn write(&mut self, fd: Fd, bytes: Vec<u8>, offset: u64) -> FsResult<u64> {
        lock(&self.ledger).write(fd.rep(), offset, bytes.len() as u64).map_err(ended)?;
        self.inner.write(fd, bytes, offset).await
    }

    fn write_via_stream(&mut self, fd: Fd, offset: u64) -> FsResult<Resource<DynOutputStream>> {
        let rep = fd.rep();
        let stream = self.inner.write_via_stream(fd, offset)?;
        self.counted(rep, Some(offset), stream)
    }

    fn append_via_stream(&mut self, fd: Fd) -> FsResult<Resource<DynOutputStream>> {
        let rep = fd.rep();
        let stream = self.inner.append_via_stream(fd)?;
        self.counted(rep, None, stream)
    }

    async fn create_directory_at(&mut self, folder: Fd, path: String) -> FsResult<()> {
        self.may_create()?;
        self.inner.create_directory_at(folder, path).await?;
        self.created();
        Ok(())
    }

    async fn link_at(
        &mut self,
        folder: Fd,
        lookup: types::PathFlags,
        old: String,
        to: Fd,
        path: String,
    ) -> FsResult<()> {
        self.may_create()?;
        self.inner.link_at(folder, lookup, old, to, path).await?;
        self.created();
        Ok(())
    }

    async fn symlink_at(&mut self, folder: Fd, target: String, path: String) -> FsResult<()> {
        self.may_create()?;
        if !points_down(&target) {
            return Err(ErrorCode::NotPermitted.into());
        }
        self.inner.symlink_at(folder, target, path).await?;
        self.created();
        Ok(())
    }

    fn drop(&mut self, fd: Fd) -> wasmtime::Result<()> {
        lock(&self.ledger).closed(fd.rep());
        HostDescriptor::drop(&mut self.inner, fd)
    }

    /// The host reads a folder as a whole, however large it is, and keeps that until the stream is dropped.
    async fn read_directory(&mut self, folder: Fd) -> FsResult<Resource<ReaddirIterator>> {
        if !lock(&self.ledger).may_open() {
            return Err(ErrorCode::Busy.into());
        }
        let stream = self.inner.read_directory(folder).await?;
        // Handles of every sort come from one table, so that this number is no file's.
        lock(&self.ledger).opened(stream.rep(), String::new(), 0, false);
        Ok(stream)
    }

    // The rest, as it is.

    fn read_via_stream(&mut self, fd: Fd, offset: u64) -> FsResult<Resource<DynInputStream>> {
        self.inner.read_via_stream(fd, offset)
    }

    async fn advise(&mut self, fd: Fd, offset: u64, length: u64, advice: types::Advice) -> FsResult<()> {
        self.inner.advise(fd, offset, length, advice).await
    }

    async fn sync_data(&mut self, fd: Fd) -> FsResult<()> {
        self.inner.sync_data(fd).await
    }

    async fn get_flags(&mut self, fd: Fd) -> FsResult<types::DescriptorFlags> {
        self.inner.get_flags(fd).await
    }

    async fn get_type(&mut self, fd: Fd) -> FsResult<types::DescriptorType> {
        self.inner.get_type(fd).await
    }

    async fn set_times(&mut self, fd: Fd, access: types::NewTimestamp, change: types::NewTimestamp) -> FsResult<()> {
        self.inner.set_times(fd, access, change).await
    }

    async fn read(&mut self, fd: Fd, length: u64, offset: u64) -> FsResult<(Vec<u8>, bool)> {
        self.inner.read(fd, length, offset).await
    }

    async fn sync(&mut self, fd: Fd) -> FsResult<()> {
        self.inner.sync(fd).await
    }

    async fn stat(&mut self, fd: Fd) -> FsResult<types::DescriptorStat> {
        self.inner.stat(fd).await
    }

    async fn stat_at(&mut self, folder: Fd, lookup: types::PathFlags, path: String) -> FsResult<types::DescriptorStat> {
        self.inner.stat_at(folder, lookup, path).await
    }

    async fn set_times_at(
        &mut self,
        folder: Fd,
        lookup: types::PathFlags,
        path: String,
        access: types::NewTimestamp,
        change: types::NewTimestamp,
    ) -> FsResult<()> {
        self.inner.set_times_at(folder, lookup, path, access, change).await
    }

    async fn readlink_at(&mut self, folder: Fd, path: String) -> FsResult<String> {
        self.inner.readlink_at(folder, path).await
    }

    async fn remove_directory_at(&mut self, folder: Fd, path: String) -> FsResult<()> {
        self.inner.remove_directory_at(folder, path).await
    }

    async fn rename_at(&mut self, folder: Fd, old: String, to: Fd, path: String) -> FsResult<()> {
        self.inner.rename_at(folder, old, to, path).await
    }

    async fn unlink_file_at(&mut self, folder: Fd, path: String) -> FsResult<()> {
        self.inner.unlink_file_at(folder, path).await
    }

    async fn is_same_object(&mut self, one: Fd, other: Fd) -> wasmtime::Result<bool> {
        self.inner.is_same_object(one, other).await
    }

    async fn metadata_hash(&mut self, fd: Fd) -> FsResult<types::MetadataHashValue> {
        self.inner.metadata_hash(fd).await
    }

    async fn metadata_hash_at(
        &mut self,
        folder: Fd,
        lookup: types::PathFlags,
        path: String,
    ) -> FsResult<types::MetadataHashValue> {
        self.inner.metadata_hash_at(folder, lookup, path).await
    }
}

impl HostDirectoryEntryStream for Counted<'_> {
    async fn read_directory_entry(
        &mut self,
        stream: Resource<ReaddirIterator>,
    ) -> FsResult<Option<types::DirectoryEntry>> {
        self.inner.read_directory_entry(stream).await
    }

    fn drop(&mut self, stream: Resource<ReaddirIterator>) -> wasmtime::Result<()> {
        lock(&self.ledger).closed(stream.rep());
        HostDirectoryEntryStream::drop(&mut self.inner, stream)
    }
}

fn borrow(fd: &Fd) -> Fd {
    Resource::new_borrow(fd.rep())
}

/// A stream into a file that charges for what goes through it.
struct CountedStream {
    stream: DynOutputStream,
    ledger: Arc<Mutex<Ledger>>,
    fd: u32,
    serial: u64,
    /// Where the next byte goes; None is the end of the file.
    position: Option<u64>,
    /// Up to where this stream paid for the file.
    paid: u64,
}

impl CountedStream {
    fn charge(&mut self, bytes: &Bytes) -> StreamResult<()> {
        let length = bytes.len() as u64;
        let mut ledger = lock(&self.ledger);
        let charged = match self.position {
            None => ledger.charge(length),
            Some(position) => {
                let end = position.saturating_add(length);
                self.position = Some(end);
                let paid = self.paid;
                self.paid = paid.max(end);
                match self.serial != 0 && ledger.serial(self.fd) == self.serial {
                    true => ledger.write(self.fd, position, length),
                    // The guest closed the file and kept the stream: what the file holds is not known any more.
                    false => ledger.charge(end.saturating_sub(paid)),
                }
            }
        };
        charged.map_err(|hit| StreamError::Trap(hit.into()))
    }
}

#[async_trait::async_trait]
impl Pollable for CountedStream {
    async fn ready(&mut self) {
        self.stream.ready().await;
    }
}

#[async_trait::async_trait]
impl OutputStream for CountedStream {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.charge(&bytes)?;
        self.stream.write(bytes)
    }

    async fn blocking_write_and_flush(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.charge(&bytes)?;
        self.stream.blocking_write_and_flush(bytes).await
    }

    fn flush(&mut self) -> StreamResult<()> {
        self.stream.flush()
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        self.stream.check_write()
    }

    async fn cancel(&mut self) {
        self.stream.cancel().await;
    }
}

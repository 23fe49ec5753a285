//! A module with the memory that it has after its initialisation.

use wasmtime::{Instance, Module, Result, Store, Val, error::Context as _};
use wasmtime_wizer::{InstanceState, SnapshotVal, ValType, Wizer};

use crate::machine::{self, State};

/// What a guest exports for its initialisation.
const INITIALIZE: &str = "wizer-initialize";

/// Runs `wizer-initialize` and gives the module that goes on from there.
///
/// # Errors
///
/// If it is no module of the contract (see `main.rs`), or its initialisation fails; with what it printed.
pub fn take(wasm: &[u8]) -> Result<Vec<u8>> {
    let wizer = Wizer::new();
    let (context, instrumented) = wizer.instrument(wasm)?;
    let engine = machine::engine()?;
    let module = Module::new(&engine, &instrumented)?;
    let mut run = machine::Run::new(&engine, &[]);
    let taken = machine::block_on(async {
        let instance = machine::linker(&engine)?.instantiate_async(&mut run.store, &module).await?;
        let initialize = instance
            .get_typed_func::<(), ()>(&mut run.store, INITIALIZE)
            .with_context(|| format!("it exports no function `{INITIALIZE}`"))?;
        initialize.call_async(&mut run.store, ()).await.with_context(|| format!("`{INITIALIZE}` failed"))?;
        wizer.snapshot(&context, &mut Started { store: &mut run.store, instance }).await
    });
    taken.with_context(|| run.printed())
}

/// An instance, for the snapshot. The crate has its own for this behind a feature that brings in half of wasmtime.
struct Started<'a> {
    store: &'a mut Store<State>,
    instance: Instance,
}

impl InstanceState for Started<'_> {
    async fn global_get(&mut self, name: &str, _: ValType) -> SnapshotVal {
        let global = self.instance.get_global(&mut *self.store, name).expect("wizer exports what it asks for");
        match global.get(&mut *self.store) {
            Val::I32(value) => SnapshotVal::I32(value),
            Val::I64(value) => SnapshotVal::I64(value),
            Val::F32(value) => SnapshotVal::F32(value),
            Val::F64(value) => SnapshotVal::F64(value),
            Val::V128(value) => SnapshotVal::V128(value.as_u128()),
            _ => panic!("wizer refuses globals with references"),
        }
    }

    async fn memory_contents(&mut self, name: &str, contents: impl FnOnce(&[u8]) + Send) {
        let memory = self.instance.get_memory(&mut *self.store, name).expect("wizer exports what it asks for");
        contents(memory.data(&*self.store));
    }
}

//! Modules: the files of the program's folder, and the few of Node's that the runner offers.

use rquickjs::{
    Ctx, Error, Function, Module, Object, Result,
    loader::{ImportAttributes, Loader, Resolver},
    module::Declared,
};

/// Where the program's files are.
pub const FOLDER: &str = "/box";

/// How a program's realm holds what is behind `require`: under a symbol that no program comes across by chance.
const REQUIRE: &str = "globalThis[Symbol.for('toolwright.require')]";

/// Finds and loads modules as `require` does: `runner/require.js` knows how.
pub struct Files;

impl Resolver for Files {
    fn resolve<'js>(
        &mut self,
        ctx: &Ctx<'js>,
        base: &str,
        name: &str,
        _: Option<ImportAttributes<'js>>,
    ) -> Result<String> {
        call(ctx, "resolve", (name, base))
    }
}

impl Loader for Files {
    fn load<'js>(
        &mut self,
        ctx: &Ctx<'js>,
        name: &str,
        _: Option<ImportAttributes<'js>>,
    ) -> Result<Module<'js, Declared>> {
        let source: String = call(ctx, "source", (name,))?;
        declared(ctx, name, source)
    }
}

/// A module that was compiled and has not run.
pub fn declared<'js>(ctx: &Ctx<'js>, path: &str, source: String) -> Result<Module<'js, Declared>> {
    let module = Module::declare(ctx.clone(), path, source)?;
    let meta = module.meta()?;
    meta.set("url", format!("file://{path}"))?;
    meta.set("filename", path)?;
    meta.set("dirname", path.rsplit_once('/').map_or("/", |(folder, _)| folder))?;
    Ok(module)
}

fn call<'js, V: rquickjs::FromJs<'js>>(
    ctx: &Ctx<'js>,
    name: &str,
    arguments: impl rquickjs::function::IntoArgs<'js>,
) -> Result<V> {
    let require: Object = crate::evaluate::plain(ctx, REQUIRE, "toolwright:modules")?;
    let function: Option<Function> = require.get(name)?;
    function.ok_or(Error::Unknown)?.call(arguments)
}

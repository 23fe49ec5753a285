//! Source to values.

use std::ffi::CString;

use rquickjs::{Ctx, Error, FromJs, Object, Result, Value, qjs};

use crate::modules;

/// Evaluates a script.
pub fn plain<'js, V: FromJs<'js>>(ctx: &Ctx<'js>, source: &str, name: &str) -> Result<V> {
    let script = compiled(ctx, source, name, 0)?;
    V::from_js(ctx, script.run()?)
}

/// Evaluates a program. The outcome is an object with one of
///
/// - `refused`: the error, if it does not compile;
/// - `thrown`: what it threw;
/// - `value`: the value of its last statement (a promise of `{value}` for `kind` `"async"`);
/// - `promise` and `names`: of a module.
pub fn program<'js>(ctx: Ctx<'js>, source: String, name: String, kind: String) -> Result<Object<'js>> {
    let outcome = Object::new(ctx.clone())?;
    let caught = |key: &str, error: Error| match error.is_exception() {
        true => outcome.set(key, ctx.catch()),
        false => Err(error),
    };
    if kind == "module" {
        match modules::declared(&ctx, &format!("{}/{name}", modules::FOLDER), source) {
            Err(error) => caught("refused", error)?,
            Ok(module) => match module.eval() {
                Err(error) => caught("thrown", error)?,
                Ok((module, promise)) => {
                    outcome.set("promise", promise)?;
                    outcome.set("names", module.namespace()?)?;
                }
            },
        }
        return Ok(outcome);
    }
    let flags = if kind == "async" { qjs::JS_EVAL_FLAG_ASYNC } else { 0 };
    match compiled(&ctx, &source, &name, flags) {
        Err(error) => caught("refused", error)?,
        Ok(script) => match script.run() {
            Err(error) => caught("thrown", error)?,
            Ok(value) => outcome.set("value", value)?,
        },
    }
    Ok(outcome)
}

/// A script that was compiled and has not run.
struct Script<'js> {
    ctx: Ctx<'js>,
    code: qjs::JSValue,
}

fn compiled<'js>(ctx: &Ctx<'js>, source: &str, name: &str, flags: u32) -> Result<Script<'js>> {
    let (source, name) = (CString::new(source)?, CString::new(name)?);
    let flags = qjs::JS_EVAL_TYPE_GLOBAL | qjs::JS_EVAL_FLAG_COMPILE_ONLY | flags;
    let length = source.as_bytes().len();
    // SAFETY: the source ends with a zero behind `length` bytes, and QuickJS keeps neither it nor the name.
    let code = unsafe { qjs::JS_Eval(ctx.as_raw().as_ptr(), source.as_ptr(), length as _, name.as_ptr(), flags as _) };
    // SAFETY: looks at the tag alone.
    if unsafe { qjs::JS_IsException(code) } {
        return Err(Error::Exception);
    }
    Ok(Script { ctx: ctx.clone(), code })
}

impl<'js> Script<'js> {
    fn run(self) -> Result<Value<'js>> {
        // SAFETY: the code comes from this context, and is given up by the call.
        let value = unsafe { qjs::JS_EvalFunction(self.ctx.as_raw().as_ptr(), self.code) };
        // SAFETY: looks at the tag alone.
        if unsafe { qjs::JS_IsException(value) } {
            return Err(Error::Exception);
        }
        // SAFETY: the value is owned, and of this context.
        Ok(unsafe { Value::from_raw(self.ctx, value) })
    }
}

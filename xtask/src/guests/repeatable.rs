//! What makes a build the same each time, beside the paths: a machine without chance and without a date.
//!
//! RustPython's macros go through hash maps, whose order std draws for each process, so that attributes come out in another
//! order with every build; and its build script writes down the commit of the repository that it lies in, or else the time.
//! Both are fixed from outside: `getrandom` by a library that is loaded first, `git` by a script that is found first.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, bail};

/// All random bytes are the same. Only what needs no secrets may run with it: builds, which are offline here.
const LIBRARY: &str = "#include <stddef.h>\n#include <string.h>\n#include <sys/types.h>\n\
    ssize_t getrandom(void *to, size_t length, unsigned flags) {\n  (void)flags;\n  memset(to, 7, length);\n  \
    return (ssize_t)length;\n}\n";
/// No repository, but a time: the first of January 2026.
const GIT: &str = "case \"$*\" in 'log -1 --format=%ct') echo 1767225600 ;; *) exit 1 ;; esac";

/// Environment variables for a build. On systems other than Linux, builds differ a little from each other.
pub fn environment(root: &Path) -> Result<Vec<(&'static str, String)>> {
    let folder = root.join("target/guests/repeatable");
    let git = script(&folder, "git", GIT)?;
    let path = std::env::var_os("PATH").unwrap_or_default();
    let programs = [folder.clone()].into_iter().chain(std::env::split_paths(&path));
    let mut environment = vec![("PATH", text(std::env::join_paths(programs)?.into())?), ("TZ", "UTC".to_owned())];
    if cfg!(target_os = "linux") {
        let (source, library) = (folder.join("fixed.c"), folder.join("fixed.so"));
        fs::write(&source, LIBRARY).with_context(|| format!("cannot write beside {git}"))?;
        let compiled = Command::new("cc").args(["-O1", "-shared", "-fPIC", "-o"]).args([&library, &source]).status();
        if !compiled.is_ok_and(|status| status.success()) {
            bail!("there is no C compiler (cc), which a build that can be repeated needs: install one");
        }
        environment.push(("LD_PRELOAD", text(library)?));
    }
    Ok(environment)
}

/// Writes a shell script; its path.
pub fn script(folder: &Path, name: &str, commands: &str) -> Result<String> {
    let path = folder.join(name);
    fs::create_dir_all(folder)?;
    fs::write(&path, format!("#!/bin/sh\n{commands}\n"))?;
    #[cfg(unix)]
    fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
    text(path)
}

fn text(path: PathBuf) -> Result<String> {
    path.into_os_string().into_string().ok().context("the repository's path is no text")
}

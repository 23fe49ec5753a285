// A process with an environment and a shell.
// expect: output contains end
// must not: uid=|PATH
try { console.log(JSON.stringify(process.env)); } catch (error) { console.log(error.name); }
try { console.log(require("child_process").execSync("id")); } catch (error) { console.log(error.name); }
console.log("end");

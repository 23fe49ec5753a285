// Modules of the host.
// expect: output contains refused 6
let refused = 0;
for (const name of ["os", "std", "child_process", "/etc/passwd", "../secret.txt", "node:net"]) {
  try { await import(name); console.log("there is", name); } catch { refused++; }
}
console.log("refused", refused);

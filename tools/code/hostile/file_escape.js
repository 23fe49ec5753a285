// Files outside, by every name.
// expect: output contains refused 5
// must not: CANARY|root:
let refused = 0;
for (const path of ["/etc/passwd", "../secret.txt", "/box/../secret.txt", "./x/../../secret.txt", "/proc/self/environ"]) {
  try { console.log(fs.readFileSync(path, "utf8")); } catch { refused++; }
}
console.log("refused", refused);

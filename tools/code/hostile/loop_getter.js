// Thrown with a text that never ends, which nobody needs to read.
// expect: failure
throw { get name() { for (;;); }, get message() { for (;;); }, get stack() { for (;;); }, toString() { for (;;); } };

// Throws what is no error.
// expect: failure
throw Object.create(null, { message: { get() { throw null; } } });

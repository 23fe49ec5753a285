// A promise that fails, and nobody looks.
// expect: failure
Promise.reject(new Error("unseen"));

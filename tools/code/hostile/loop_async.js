// An asynchronous function that never waits.
// expect: limit cpu or limit memory
(async () => { for (;;) await null; })();

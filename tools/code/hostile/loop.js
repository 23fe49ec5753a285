// Never ends.
// expect: limit cpu
while (true);

// Never ends, and catches whatever might end it.
// expect: limit cpu
for (;;) { try { for (;;); } catch {} finally { for (;;); } }

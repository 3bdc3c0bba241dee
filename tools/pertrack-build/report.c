#include "build.h"
void report(const struct build *b, const struct plan *p) { (void)b; (void)p; }

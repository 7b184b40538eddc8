#include "jit/ir.h"
#include "jit/passes.h"

void pass_gvn(struct ir_graph *g) { ir_clean_copies(g); }

/* engine.c - fills the table through which runtime/ calls the engine. */
#include "vm/engine.h"

#include "vm/compiled.h"
#include "vm/interp.h"
#include "vm/invoke.h"
#include "vm/launcher.h"
#include "vm/oom.h"
#include "vm/options.h"
#include "vm/verify.h"

struct engine engine;

void engine_init(void)
{
    engine = (struct engine){
        .call = engine_call,
        .call_virtual = engine_call_virtual,
        .walk_first = engine_walk_first,
        .walk_next = engine_walk_next,
        .held_locks = engine_held_locks,
        .visit_frames = engine_visit_frames,
        .resolve_method_handle = invoke_resolve_method_handle,
        .resolve_method_type = invoke_resolve_method_type,
        .resolve_dynamic = invoke_resolve_dynamic,
        .bootstrap_argument = invoke_bootstrap_argument,
        .verify_class = verify_class,
        .npe_message = npe_message,
        .option_value = option_value,
        .exit = launcher_exit,
        .out_of_memory = oom_reported,
    };
    method_first_entry = method_default_entry;
}

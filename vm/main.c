/* main.c - moka's main(): the engine and its compiler meet. */
#include "jit/jit.h"
#include "vm/launcher.h"

int main(int argc, char **argv)
{
    compiler_room = (struct compiler_room){
        .check_passes = jit_check_passes, .start = jit_init, .end = jit_exit_report};
    return launcher_main(argc, argv);
}

/* run_suite.h - what each unit test's main() ends with. */
#ifndef MOKA_TESTS_RUN_SUITE_H
#define MOKA_TESTS_RUN_SUITE_H

#include <check.h>
#include <stdlib.h>

/* The exit code. CK_VERBOSITY, CK_RUN_CASE and the like are Check's own. */
static inline int run_suite(Suite *s)
{
    SRunner *r = srunner_create(s);
    srunner_run_all(r, getenv("CK_VERBOSITY") ? CK_ENV : CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}

#endif

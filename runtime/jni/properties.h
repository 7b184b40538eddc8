/*
 * properties.h - the VM's system properties and arguments, as System.initPhase1 and management read them.
 *
 * The launcher sets them before the class library starts. Strings are copied.
 */
#ifndef MOKA_JNI_PROPERTIES_H
#define MOKA_JNI_PROPERTIES_H

/* Sets or replaces a property (a platform's UTF-8 or locale bytes, as from the command line). value NULL removes it. */
void vm_property_set(const char *key, const char *value);
/* NULL if it is not set. */
const char *vm_property_get(const char *key);
/* In the order of setting. */
void vm_properties_for_each(void (*f)(const char *key, const char *value, void *arg), void *arg);

/* Arguments that were given to the VM itself (RuntimeMXBean.getInputArguments): not the main class and its arguments. */
void vm_arguments_set(int n, char *const *args);
int vm_arguments(char *const **args);

#endif

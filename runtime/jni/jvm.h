/*
 * jvm.h - the functions that the JDK's native libraries import from the VM (JDK 17).
 *
 * The prototypes follow from how libjava and its siblings call them. All of them are called IN_NATIVE; references in
 * and out are handles. They are exported by the executable.
 */
#ifndef MOKA_JNI_JVM_H
#define MOKA_JNI_JVM_H

#include <jni.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

/* ---- jio.c ---- */
int jio_vsnprintf(char *str, size_t count, const char *fmt, va_list args)
    __attribute__((format(printf, 3, 0)));
int jio_snprintf(char *str, size_t count, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
int jio_vfprintf(FILE *f, const char *fmt, va_list args) __attribute__((format(printf, 2, 0)));
int jio_fprintf(FILE *f, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
int jio_printf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* ---- jvm_object.c: Object, System, Runtime, arrays, strings ---- */
JNIEXPORT jint JNICALL JVM_IHashCode(JNIEnv *env, jobject obj);
JNIEXPORT void JNICALL JVM_MonitorWait(JNIEnv *env, jobject obj, jlong ms);
JNIEXPORT void JNICALL JVM_MonitorNotify(JNIEnv *env, jobject obj);
JNIEXPORT void JNICALL JVM_MonitorNotifyAll(JNIEnv *env, jobject obj);
JNIEXPORT jobject JNICALL JVM_Clone(JNIEnv *env, jobject obj);
JNIEXPORT jstring JNICALL JVM_InternString(JNIEnv *env, jstring str);
JNIEXPORT jlong JNICALL JVM_CurrentTimeMillis(JNIEnv *env, jclass ignored);
JNIEXPORT jlong JNICALL JVM_NanoTime(JNIEnv *env, jclass ignored);
JNIEXPORT jlong JNICALL JVM_GetNanoTimeAdjustment(JNIEnv *env, jclass ignored, jlong offset_secs);
JNIEXPORT void JNICALL JVM_ArrayCopy(JNIEnv *env, jclass ignored, jobject src, jint src_pos,
                                     jobject dst, jint dst_pos, jint length);
JNIEXPORT jint JNICALL JVM_GetArrayLength(JNIEnv *env, jobject arr);
JNIEXPORT jobject JNICALL JVM_GetArrayElement(JNIEnv *env, jobject arr, jint index);
JNIEXPORT jvalue JNICALL JVM_GetPrimitiveArrayElement(JNIEnv *env, jobject arr, jint index,
                                                      jint code);
JNIEXPORT void JNICALL JVM_SetArrayElement(JNIEnv *env, jobject arr, jint index, jobject val);
JNIEXPORT void JNICALL JVM_SetPrimitiveArrayElement(JNIEnv *env, jobject arr, jint index, jvalue v,
                                                    unsigned char code);
JNIEXPORT jobject JNICALL JVM_NewArray(JNIEnv *env, jclass elt, jint length);
JNIEXPORT jobject JNICALL JVM_NewMultiArray(JNIEnv *env, jclass elt, jintArray dim);
JNIEXPORT jobjectArray JNICALL JVM_GetProperties(JNIEnv *env);
JNIEXPORT jobject JNICALL JVM_InitAgentProperties(JNIEnv *env, jobject props);
JNIEXPORT jobjectArray JNICALL JVM_GetVmArguments(JNIEnv *env);
JNIEXPORT jstring JNICALL JVM_GetTemporaryDirectory(JNIEnv *env);
JNIEXPORT void JNICALL JVM_BeforeHalt(void);
JNIEXPORT void JNICALL JVM_Halt(jint code);
JNIEXPORT void JNICALL JVM_GC(void);
JNIEXPORT jlong JNICALL JVM_TotalMemory(void);
JNIEXPORT jlong JNICALL JVM_FreeMemory(void);
JNIEXPORT jlong JNICALL JVM_MaxMemory(void);
JNIEXPORT jlong JNICALL JVM_MaxObjectInspectionAge(void);
JNIEXPORT jint JNICALL JVM_ActiveProcessorCount(void);
JNIEXPORT jboolean JNICALL JVM_IsUseContainerSupport(void);
JNIEXPORT jboolean JNICALL JVM_SupportsCX8(void);
JNIEXPORT jboolean JNICALL JVM_IsSupportedJNIVersion(jint version);
JNIEXPORT char *JNICALL JVM_NativePath(char *path);
JNIEXPORT void *JNICALL JVM_RawMonitorCreate(void);
JNIEXPORT void JNICALL JVM_RawMonitorDestroy(void *mon);
JNIEXPORT jint JNICALL JVM_RawMonitorEnter(void *mon);
JNIEXPORT void JNICALL JVM_RawMonitorExit(void *mon);
JNIEXPORT void *JNICALL JVM_LoadLibrary(const char *name, jboolean throw_exception);
JNIEXPORT void JNICALL JVM_UnloadLibrary(void *handle);
JNIEXPORT void *JNICALL JVM_FindLibraryEntry(void *handle, const char *name);

/* ---- jvm_reference.c ---- */
JNIEXPORT jobject JNICALL JVM_GetAndClearReferencePendingList(JNIEnv *env);
JNIEXPORT jboolean JNICALL JVM_HasReferencePendingList(JNIEnv *env);
JNIEXPORT void JNICALL JVM_WaitForReferencePendingList(JNIEnv *env);
JNIEXPORT jboolean JNICALL JVM_ReferenceRefersTo(JNIEnv *env, jobject ref, jobject o);
JNIEXPORT void JNICALL JVM_ReferenceClear(JNIEnv *env, jobject ref);
JNIEXPORT jboolean JNICALL JVM_PhantomReferenceRefersTo(JNIEnv *env, jobject ref, jobject o);

/* ---- class data sharing: none ---- */
JNIEXPORT jboolean JNICALL JVM_IsCDSDumpingEnabled(JNIEnv *env);
JNIEXPORT jboolean JNICALL JVM_IsSharingEnabled(JNIEnv *env);
JNIEXPORT jboolean JNICALL JVM_IsDumpingClassList(JNIEnv *env);
JNIEXPORT jlong JNICALL JVM_GetRandomSeedForDumping(void);
JNIEXPORT void JNICALL JVM_LogLambdaFormInvoker(JNIEnv *env, jstring line);
JNIEXPORT void JNICALL JVM_DumpClassListToFile(JNIEnv *env, jstring file);
JNIEXPORT void JNICALL JVM_DumpDynamicArchive(JNIEnv *env, jstring archive);
JNIEXPORT void JNICALL JVM_InitializeFromArchive(JNIEnv *env, jclass cls);
JNIEXPORT void JNICALL JVM_RegisterLambdaProxyClassForArchiving(JNIEnv *env, jclass caller,
                                                                jstring name, jobject invoked_type,
                                                                jobject method_type, jobject impl,
                                                                jobject instantiated,
                                                                jclass lambda);
JNIEXPORT jclass JNICALL JVM_LookupLambdaProxyClassFromArchive(JNIEnv *env, jclass caller,
                                                               jstring name, jobject invoked_type,
                                                               jobject method_type, jobject impl,
                                                               jobject instantiated);
JNIEXPORT void JNICALL JVM_DefineArchivedModules(JNIEnv *env, jobject platform, jobject system);

/* ---- jvm_class.c ---- */
JNIEXPORT jclass JNICALL JVM_FindPrimitiveClass(JNIEnv *env, const char *utf);
JNIEXPORT jclass JNICALL JVM_FindClassFromBootLoader(JNIEnv *env, const char *name);
JNIEXPORT jclass JNICALL JVM_FindClassFromCaller(JNIEnv *env, const char *name, jboolean init,
                                                 jobject loader, jclass caller);
JNIEXPORT jclass JNICALL JVM_FindClassFromClass(JNIEnv *env, const char *name, jboolean init,
                                                jclass from);
JNIEXPORT jclass JNICALL JVM_FindLoadedClass(JNIEnv *env, jobject loader, jstring name);
JNIEXPORT jclass JNICALL JVM_DefineClass(JNIEnv *env, const char *name, jobject loader,
                                         const jbyte *buf, jsize len, jobject pd);
JNIEXPORT jclass JNICALL JVM_DefineClassWithSource(JNIEnv *env, const char *name, jobject loader,
                                                   const jbyte *buf, jsize len, jobject pd,
                                                   const char *source);
JNIEXPORT jclass JNICALL JVM_LookupDefineClass(JNIEnv *env, jclass lookup, const char *name,
                                               const jbyte *buf, jsize len, jobject pd,
                                               jboolean init, int flags, jobject class_data);
JNIEXPORT jstring JNICALL JVM_InitClassName(JNIEnv *env, jclass cls);
JNIEXPORT jobjectArray JNICALL JVM_GetClassInterfaces(JNIEnv *env, jclass cls);
JNIEXPORT jboolean JNICALL JVM_IsInterface(JNIEnv *env, jclass cls);
JNIEXPORT jboolean JNICALL JVM_IsArrayClass(JNIEnv *env, jclass cls);
JNIEXPORT jboolean JNICALL JVM_IsPrimitiveClass(JNIEnv *env, jclass cls);
JNIEXPORT jboolean JNICALL JVM_IsHiddenClass(JNIEnv *env, jclass cls);
JNIEXPORT jboolean JNICALL JVM_IsRecord(JNIEnv *env, jclass cls);
JNIEXPORT jobjectArray JNICALL JVM_GetClassSigners(JNIEnv *env, jclass cls);
JNIEXPORT void JNICALL JVM_SetClassSigners(JNIEnv *env, jclass cls, jobjectArray signers);
JNIEXPORT jobject JNICALL JVM_GetProtectionDomain(JNIEnv *env, jclass cls);
JNIEXPORT jint JNICALL JVM_GetClassModifiers(JNIEnv *env, jclass cls);
JNIEXPORT jint JNICALL JVM_GetClassAccessFlags(JNIEnv *env, jclass cls);
JNIEXPORT jobjectArray JNICALL JVM_GetDeclaredClasses(JNIEnv *env, jclass cls);
JNIEXPORT jclass JNICALL JVM_GetDeclaringClass(JNIEnv *env, jclass cls);
JNIEXPORT jstring JNICALL JVM_GetSimpleBinaryName(JNIEnv *env, jclass cls);
JNIEXPORT jobjectArray JNICALL JVM_GetEnclosingMethodInfo(JNIEnv *env, jclass cls);
JNIEXPORT jstring JNICALL JVM_GetClassSignature(JNIEnv *env, jclass cls);
JNIEXPORT jbyteArray JNICALL JVM_GetClassAnnotations(JNIEnv *env, jclass cls);
JNIEXPORT jbyteArray JNICALL JVM_GetClassTypeAnnotations(JNIEnv *env, jclass cls);
JNIEXPORT jbyteArray JNICALL JVM_GetFieldTypeAnnotations(JNIEnv *env, jobject field);
JNIEXPORT jbyteArray JNICALL JVM_GetMethodTypeAnnotations(JNIEnv *env, jobject method);
JNIEXPORT jobjectArray JNICALL JVM_GetMethodParameters(JNIEnv *env, jobject method);
JNIEXPORT jobjectArray JNICALL JVM_GetClassDeclaredMethods(JNIEnv *env, jclass cls,
                                                           jboolean public_only);
JNIEXPORT jobjectArray JNICALL JVM_GetClassDeclaredFields(JNIEnv *env, jclass cls,
                                                          jboolean public_only);
JNIEXPORT jobjectArray JNICALL JVM_GetClassDeclaredConstructors(JNIEnv *env, jclass cls,
                                                                jboolean public_only);
JNIEXPORT jobjectArray JNICALL JVM_GetRecordComponents(JNIEnv *env, jclass cls);
JNIEXPORT jobjectArray JNICALL JVM_GetPermittedSubclasses(JNIEnv *env, jclass cls);
JNIEXPORT jclass JNICALL JVM_GetNestHost(JNIEnv *env, jclass cls);
JNIEXPORT jobjectArray JNICALL JVM_GetNestMembers(JNIEnv *env, jclass cls);
JNIEXPORT jboolean JNICALL JVM_AreNestMates(JNIEnv *env, jclass a, jclass b);
JNIEXPORT jobject JNICALL JVM_InvokeMethod(JNIEnv *env, jobject method, jobject obj,
                                           jobjectArray args);
JNIEXPORT jobject JNICALL JVM_NewInstanceFromConstructor(JNIEnv *env, jobject c, jobjectArray args);
JNIEXPORT jboolean JNICALL JVM_DesiredAssertionStatus(JNIEnv *env, jclass unused, jclass cls);
JNIEXPORT jobject JNICALL JVM_AssertionStatusDirectives(JNIEnv *env, jclass unused);

/* ---- jvm_module.c ---- */
JNIEXPORT void JNICALL JVM_DefineModule(JNIEnv *env, jobject module, jboolean is_open,
                                        jstring version, jstring location, jobjectArray packages);
JNIEXPORT void JNICALL JVM_SetBootLoaderUnnamedModule(JNIEnv *env, jobject module);
JNIEXPORT void JNICALL JVM_AddModuleExports(JNIEnv *env, jobject from, jstring package, jobject to);
JNIEXPORT void JNICALL JVM_AddModuleExportsToAllUnnamed(JNIEnv *env, jobject from, jstring package);
JNIEXPORT void JNICALL JVM_AddModuleExportsToAll(JNIEnv *env, jobject from, jstring package);
JNIEXPORT void JNICALL JVM_AddReadsModule(JNIEnv *env, jobject from, jobject source);
JNIEXPORT jobjectArray JNICALL JVM_GetSystemPackages(JNIEnv *env);
JNIEXPORT jstring JNICALL JVM_GetSystemPackage(JNIEnv *env, jstring name);

/* ---- jvm_constantpool.c ---- */
JNIEXPORT jobject JNICALL JVM_GetClassConstantPool(JNIEnv *env, jclass cls);
JNIEXPORT jint JNICALL JVM_ConstantPoolGetSize(JNIEnv *env, jobject obj, jobject pool);
JNIEXPORT jclass JNICALL JVM_ConstantPoolGetClassAt(JNIEnv *env, jobject obj, jobject pool,
                                                    jint index);
JNIEXPORT jclass JNICALL JVM_ConstantPoolGetClassAtIfLoaded(JNIEnv *env, jobject obj, jobject pool,
                                                            jint index);
JNIEXPORT jint JNICALL JVM_ConstantPoolGetClassRefIndexAt(JNIEnv *env, jobject obj, jobject pool,
                                                          jint index);
JNIEXPORT jobject JNICALL JVM_ConstantPoolGetMethodAt(JNIEnv *env, jobject obj, jobject pool,
                                                      jint index);
JNIEXPORT jobject JNICALL JVM_ConstantPoolGetMethodAtIfLoaded(JNIEnv *env, jobject obj,
                                                              jobject pool, jint index);
JNIEXPORT jobject JNICALL JVM_ConstantPoolGetFieldAt(JNIEnv *env, jobject obj, jobject pool,
                                                     jint index);
JNIEXPORT jobject JNICALL JVM_ConstantPoolGetFieldAtIfLoaded(JNIEnv *env, jobject obj, jobject pool,
                                                             jint index);
JNIEXPORT jobjectArray JNICALL JVM_ConstantPoolGetMemberRefInfoAt(JNIEnv *env, jobject obj,
                                                                  jobject pool, jint index);
JNIEXPORT jint JNICALL JVM_ConstantPoolGetNameAndTypeRefIndexAt(JNIEnv *env, jobject obj,
                                                                jobject pool, jint index);
JNIEXPORT jobjectArray JNICALL JVM_ConstantPoolGetNameAndTypeRefInfoAt(JNIEnv *env, jobject obj,
                                                                       jobject pool, jint index);
JNIEXPORT jint JNICALL JVM_ConstantPoolGetIntAt(JNIEnv *env, jobject obj, jobject pool, jint index);
JNIEXPORT jlong JNICALL JVM_ConstantPoolGetLongAt(JNIEnv *env, jobject obj, jobject pool,
                                                  jint index);
JNIEXPORT jfloat JNICALL JVM_ConstantPoolGetFloatAt(JNIEnv *env, jobject obj, jobject pool,
                                                    jint index);
JNIEXPORT jdouble JNICALL JVM_ConstantPoolGetDoubleAt(JNIEnv *env, jobject obj, jobject pool,
                                                      jint index);
JNIEXPORT jstring JNICALL JVM_ConstantPoolGetStringAt(JNIEnv *env, jobject obj, jobject pool,
                                                      jint index);
JNIEXPORT jstring JNICALL JVM_ConstantPoolGetUTF8At(JNIEnv *env, jobject obj, jobject pool,
                                                    jint index);
JNIEXPORT jbyte JNICALL JVM_ConstantPoolGetTagAt(JNIEnv *env, jobject obj, jobject pool,
                                                 jint index);

/* ---- jvm_thread.c, jvm_stack.c ---- */
JNIEXPORT void JNICALL JVM_StartThread(JNIEnv *env, jobject thread);
JNIEXPORT void JNICALL JVM_StopThread(JNIEnv *env, jobject thread, jobject exception);
JNIEXPORT void JNICALL JVM_SuspendThread(JNIEnv *env, jobject thread);
JNIEXPORT void JNICALL JVM_ResumeThread(JNIEnv *env, jobject thread);
JNIEXPORT void JNICALL JVM_SetThreadPriority(JNIEnv *env, jobject thread, jint prio);
JNIEXPORT void JNICALL JVM_Yield(JNIEnv *env, jclass cls);
JNIEXPORT void JNICALL JVM_Sleep(JNIEnv *env, jclass cls, jlong millis);
JNIEXPORT jobject JNICALL JVM_CurrentThread(JNIEnv *env, jclass cls);
JNIEXPORT void JNICALL JVM_Interrupt(JNIEnv *env, jobject thread);
JNIEXPORT jboolean JNICALL JVM_HoldsLock(JNIEnv *env, jclass cls, jobject obj);
JNIEXPORT void JNICALL JVM_DumpAllStacks(JNIEnv *env, jclass unused);
JNIEXPORT jobjectArray JNICALL JVM_GetAllThreads(JNIEnv *env, jclass dummy);
JNIEXPORT void JNICALL JVM_SetNativeThreadName(JNIEnv *env, jobject thread, jstring name);
JNIEXPORT jobjectArray JNICALL JVM_DumpThreads(JNIEnv *env, jclass cls, jobjectArray threads);
JNIEXPORT void JNICALL JVM_FillInStackTrace(JNIEnv *env, jobject throwable);
JNIEXPORT void JNICALL JVM_InitStackTraceElementArray(JNIEnv *env, jobjectArray elements,
                                                      jobject throwable);
JNIEXPORT void JNICALL JVM_InitStackTraceElement(JNIEnv *env, jobject element, jobject frame_info);
JNIEXPORT jstring JNICALL JVM_GetExtendedNPEMessage(JNIEnv *env, jthrowable throwable);
JNIEXPORT jobject JNICALL JVM_CallStackWalk(JNIEnv *env, jobject stream, jlong mode, jint skip,
                                            jint count, jint start, jobjectArray frames);
JNIEXPORT jint JNICALL JVM_MoreStackWalk(JNIEnv *env, jobject stream, jlong mode, jlong anchor,
                                         jint count, jint start, jobjectArray frames);
JNIEXPORT jclass JNICALL JVM_GetCallerClass(JNIEnv *env);
JNIEXPORT jobjectArray JNICALL JVM_GetClassContext(JNIEnv *env);
JNIEXPORT jobject JNICALL JVM_LatestUserDefinedLoader(JNIEnv *env);
JNIEXPORT jobject JNICALL JVM_GetStackAccessControlContext(JNIEnv *env, jclass cls);
JNIEXPORT jobject JNICALL JVM_GetInheritedAccessControlContext(JNIEnv *env, jclass cls);

/* ---- signals.c ---- */
JNIEXPORT jint JNICALL JVM_FindSignal(const char *name);
JNIEXPORT void *JNICALL JVM_RegisterSignal(jint sig, void *handler);
JNIEXPORT jboolean JNICALL JVM_RaiseSignal(jint sig);

/* ---- jvm_verify.c: class files as the old verifier in libverify sees them ---- */
JNIEXPORT const char *JNICALL JVM_GetClassNameUTF(JNIEnv *env, jclass cb);
JNIEXPORT void JNICALL JVM_GetClassCPTypes(JNIEnv *env, jclass cb, unsigned char *types);
JNIEXPORT jint JNICALL JVM_GetClassCPEntriesCount(JNIEnv *env, jclass cb);
JNIEXPORT jint JNICALL JVM_GetClassFieldsCount(JNIEnv *env, jclass cb);
JNIEXPORT jint JNICALL JVM_GetClassMethodsCount(JNIEnv *env, jclass cb);
JNIEXPORT void JNICALL JVM_GetMethodIxExceptionIndexes(JNIEnv *env, jclass cb, jint method,
                                                       unsigned short *exceptions);
JNIEXPORT jint JNICALL JVM_GetMethodIxExceptionsCount(JNIEnv *env, jclass cb, jint method);
JNIEXPORT void JNICALL JVM_GetMethodIxByteCode(JNIEnv *env, jclass cb, jint method,
                                               unsigned char *code);
JNIEXPORT jint JNICALL JVM_GetMethodIxByteCodeLength(JNIEnv *env, jclass cb, jint method);
/* One exception table entry, as libverify declares it. */
typedef struct {
    jint start_pc;
    jint end_pc;
    jint handler_pc;
    jint catchType;
} JVM_ExceptionTableEntryType;
JNIEXPORT void JNICALL JVM_GetMethodIxExceptionTableEntry(JNIEnv *env, jclass cb, jint method,
                                                          jint entry_index,
                                                          JVM_ExceptionTableEntryType *entry);
JNIEXPORT jint JNICALL JVM_GetMethodIxExceptionTableLength(JNIEnv *env, jclass cb, jint method);
JNIEXPORT jint JNICALL JVM_GetFieldIxModifiers(JNIEnv *env, jclass cb, jint field);
JNIEXPORT jint JNICALL JVM_GetMethodIxModifiers(JNIEnv *env, jclass cb, jint method);
JNIEXPORT jint JNICALL JVM_GetMethodIxLocalsCount(JNIEnv *env, jclass cb, jint method);
JNIEXPORT jint JNICALL JVM_GetMethodIxArgsSize(JNIEnv *env, jclass cb, jint method);
JNIEXPORT jint JNICALL JVM_GetMethodIxMaxStack(JNIEnv *env, jclass cb, jint method);
JNIEXPORT jboolean JNICALL JVM_IsConstructorIx(JNIEnv *env, jclass cb, jint method);
JNIEXPORT jboolean JNICALL JVM_IsVMGeneratedMethodIx(JNIEnv *env, jclass cb, jint method);
JNIEXPORT const char *JNICALL JVM_GetMethodIxNameUTF(JNIEnv *env, jclass cb, jint method);
JNIEXPORT const char *JNICALL JVM_GetMethodIxSignatureUTF(JNIEnv *env, jclass cb, jint method);
JNIEXPORT const char *JNICALL JVM_GetCPFieldNameUTF(JNIEnv *env, jclass cb, jint index);
JNIEXPORT const char *JNICALL JVM_GetCPMethodNameUTF(JNIEnv *env, jclass cb, jint index);
JNIEXPORT const char *JNICALL JVM_GetCPMethodSignatureUTF(JNIEnv *env, jclass cb, jint index);
JNIEXPORT const char *JNICALL JVM_GetCPFieldSignatureUTF(JNIEnv *env, jclass cb, jint index);
JNIEXPORT const char *JNICALL JVM_GetCPClassNameUTF(JNIEnv *env, jclass cb, jint index);
JNIEXPORT const char *JNICALL JVM_GetCPFieldClassNameUTF(JNIEnv *env, jclass cb, jint index);
JNIEXPORT const char *JNICALL JVM_GetCPMethodClassNameUTF(JNIEnv *env, jclass cb, jint index);
JNIEXPORT jint JNICALL JVM_GetCPFieldModifiers(JNIEnv *env, jclass cb, jint index, jclass called);
JNIEXPORT jint JNICALL JVM_GetCPMethodModifiers(JNIEnv *env, jclass cb, jint index, jclass called);
JNIEXPORT void JNICALL JVM_ReleaseUTF(const char *utf);
JNIEXPORT jboolean JNICALL JVM_IsSameClassPackage(JNIEnv *env, jclass a, jclass b);

/* ---- jvm_management.c ---- */
JNIEXPORT void *JNICALL JVM_GetManagement(jint version);

#endif

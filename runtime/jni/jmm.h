/*
 * jmm.h - the management interface that libmanagement and libmanagement_ext get from JVM_GetManagement.
 *
 * The order of the functions, the enumerations and the structs are the contract with those libraries (JDK 17); offsets
 * were checked against their code.
 */
#ifndef MOKA_JNI_JMM_H
#define MOKA_JNI_JMM_H

#include <jni.h>

#define JMM_VERSION_3 0x20030000

/* Bit fields, first bit lowest: which optional features there are. */
typedef struct {
    unsigned int low_memory_detection : 1;
    unsigned int compilation_time_monitoring : 1;
    unsigned int thread_contention_monitoring : 1;
    unsigned int current_thread_cpu_time : 1;
    unsigned int other_thread_cpu_time : 1;
    unsigned int object_monitor_usage : 1;
    unsigned int synchronizer_usage : 1;
    unsigned int thread_allocated_memory : 1;
    unsigned int remote_diagnostic_commands : 1;
    unsigned int : 22;
} jmm_optional_support;

enum jmm_long {
    JMM_CLASS_LOADED_COUNT = 1,
    JMM_CLASS_UNLOADED_COUNT = 2,
    JMM_THREAD_TOTAL_COUNT = 3,
    JMM_THREAD_LIVE_COUNT = 4,
    JMM_THREAD_PEAK_COUNT = 5,
    JMM_THREAD_DAEMON_COUNT = 6,
    JMM_JVM_INIT_DONE_TIME_MS = 7,
    JMM_COMPILE_TOTAL_TIME_MS = 8,
    JMM_GC_TIME_MS = 9,
    JMM_GC_COUNT = 10,
    JMM_JVM_UPTIME_MS = 11,
    JMM_CLASS_LOADED_BYTES = 101,
    JMM_CLASS_UNLOADED_BYTES = 102,
    JMM_TOTAL_CLASSLOAD_TIME_MS = 103,
    JMM_VM_GLOBAL_COUNT = 104,
    JMM_SAFEPOINT_COUNT = 105,
    JMM_TOTAL_SAFEPOINTSYNC_TIME_MS = 106,
    JMM_TOTAL_STOPPED_TIME_MS = 107,
    JMM_TOTAL_APP_TIME_MS = 108,
    JMM_VM_THREAD_COUNT = 109,
    JMM_CLASS_INIT_TOTAL_COUNT = 110,
    JMM_CLASS_INIT_TOTAL_TIME_MS = 111,
    JMM_METHOD_DATA_SIZE_BYTES = 112,
    JMM_CLASS_VERIFY_TOTAL_TIME_MS = 113,
    JMM_SHARED_CLASS_LOADED_COUNT = 114,
    JMM_OS_ATTRIBUTE_INDEX = 200,
    JMM_OS_PROCESS_ID = 201,
    JMM_OS_MEM_TOTAL_PHYSICAL_BYTES = 202,
    JMM_GC_EXT_ATTRIBUTE_INFO_SIZE = 401,
};

enum jmm_bool {
    JMM_VERBOSE_GC = 21,
    JMM_VERBOSE_CLASS = 22,
    JMM_THREAD_CONTENTION_MONITORING = 23,
    JMM_THREAD_CPU_TIME = 24,
    JMM_THREAD_ALLOCATED_MEMORY = 25,
};

enum jmm_statistic {
    JMM_STAT_PEAK_THREAD_COUNT = 801,
    JMM_STAT_THREAD_CONTENTION_COUNT = 802,
    JMM_STAT_THREAD_CONTENTION_TIME = 803,
    JMM_STAT_THREAD_CONTENTION_STAT = 804,
    JMM_STAT_PEAK_POOL_USAGE = 805,
    JMM_STAT_GC_STAT = 806,
};

enum jmm_flag_type {
    JMM_VMGLOBAL_TYPE_UNKNOWN = 0,
    JMM_VMGLOBAL_TYPE_JBOOLEAN = 1,
    JMM_VMGLOBAL_TYPE_JSTRING = 2,
    JMM_VMGLOBAL_TYPE_JLONG = 3,
    JMM_VMGLOBAL_TYPE_JDOUBLE = 4,
};

enum jmm_flag_origin {
    JMM_VMGLOBAL_ORIGIN_DEFAULT = 1,
    JMM_VMGLOBAL_ORIGIN_COMMAND_LINE = 2,
};

typedef struct {
    jstring name;
    jvalue value;
    int type;   /* enum jmm_flag_type */
    int origin; /* enum jmm_flag_origin */
    unsigned int writeable : 1;
    unsigned int external : 1;
    unsigned int reserved : 30;
    void *reserved1;
    void *reserved2;
} jmm_vm_global;

typedef struct {
    const char *name;
    char type;
    const char *description;
} jmm_ext_attribute_info;

typedef struct {
    jlong gc_index;
    jlong start_time;
    jlong end_time;
    jobjectArray usage_before_gc;
    jobjectArray usage_after_gc;
    jint gc_ext_attribute_values_size;
    jvalue *gc_ext_attribute_values;
} jmm_gc_stat;

typedef struct {
    const char *name;
    const char *description;
    const char *impact;
    const char *permission_class;
    const char *permission_name;
    const char *permission_action;
    int num_arguments;
    jboolean enabled;
} dcmd_info;

typedef struct {
    const char *name;
    const char *description;
    const char *type;
    const char *default_string;
    jboolean mandatory;
    jboolean option;
    jboolean multiple;
    int position;
} dcmd_arg_info;

struct jmm_interface {
    void *reserved1;
    void *reserved2;
    jint(JNICALL *GetVersion)(JNIEnv *env);
    jint(JNICALL *GetOptionalSupport)(JNIEnv *env, jmm_optional_support *support);
    jint(JNICALL *GetThreadInfo)(JNIEnv *env, jlongArray ids, jint max_depth, jobjectArray result);
    jobjectArray(JNICALL *GetMemoryPools)(JNIEnv *env, jobject manager);
    jobjectArray(JNICALL *GetMemoryManagers)(JNIEnv *env, jobject pool);
    jobject(JNICALL *GetMemoryPoolUsage)(JNIEnv *env, jobject pool);
    jobject(JNICALL *GetPeakMemoryPoolUsage)(JNIEnv *env, jobject pool);
    jlong(JNICALL *GetOneThreadAllocatedMemory)(JNIEnv *env, jlong thread_id);
    void(JNICALL *GetThreadAllocatedMemory)(JNIEnv *env, jlongArray ids, jlongArray sizes);
    jobject(JNICALL *GetMemoryUsage)(JNIEnv *env, jboolean heap);
    jlong(JNICALL *GetLongAttribute)(JNIEnv *env, jobject obj, int att);
    jboolean(JNICALL *GetBoolAttribute)(JNIEnv *env, int att);
    jboolean(JNICALL *SetBoolAttribute)(JNIEnv *env, int att, jboolean flag);
    jint(JNICALL *GetLongAttributes)(JNIEnv *env, jobject obj, int *atts, jint count,
                                     jlong *result);
    jobjectArray(JNICALL *FindCircularBlockedThreads)(JNIEnv *env);
    jlong(JNICALL *GetThreadCpuTime)(JNIEnv *env, jlong thread_id);
    jobjectArray(JNICALL *GetVMGlobalNames)(JNIEnv *env);
    jint(JNICALL *GetVMGlobals)(JNIEnv *env, jobjectArray names, jmm_vm_global *globals,
                                jint count);
    jint(JNICALL *GetInternalThreadTimes)(JNIEnv *env, jobjectArray names, jlongArray times);
    jboolean(JNICALL *ResetStatistic)(JNIEnv *env, jvalue obj, int type);
    void(JNICALL *SetPoolSensor)(JNIEnv *env, jobject pool, int type, jobject sensor);
    jlong(JNICALL *SetPoolThreshold)(JNIEnv *env, jobject pool, int type, jlong threshold);
    jobject(JNICALL *GetPoolCollectionUsage)(JNIEnv *env, jobject pool);
    jint(JNICALL *GetGCExtAttributeInfo)(JNIEnv *env, jobject manager, jmm_ext_attribute_info *info,
                                         jint count);
    void(JNICALL *GetLastGCStat)(JNIEnv *env, jobject manager, jmm_gc_stat *stat);
    jlong(JNICALL *GetThreadCpuTimeWithKind)(JNIEnv *env, jlong thread_id, jboolean user_sys);
    void(JNICALL *GetThreadCpuTimesWithKind)(JNIEnv *env, jlongArray ids, jlongArray times,
                                             jboolean user_sys);
    jint(JNICALL *DumpHeap0)(JNIEnv *env, jstring file, jboolean live);
    jobjectArray(JNICALL *FindDeadlocks)(JNIEnv *env, jboolean monitors_only);
    void(JNICALL *SetVMGlobal)(JNIEnv *env, jstring flag, jvalue value);
    jlong(JNICALL *GetTotalThreadAllocatedMemory)(JNIEnv *env);
    jobjectArray(JNICALL *DumpThreads)(JNIEnv *env, jlongArray ids, jboolean monitors,
                                       jboolean synchronizers, jint max_depth);
    void(JNICALL *SetGCNotificationEnabled)(JNIEnv *env, jobject manager, jboolean enabled);
    jobjectArray(JNICALL *GetDiagnosticCommands)(JNIEnv *env);
    void(JNICALL *GetDiagnosticCommandInfo)(JNIEnv *env, jobjectArray cmds, dcmd_info *infos);
    void(JNICALL *GetDiagnosticCommandArgumentsInfo)(JNIEnv *env, jstring command,
                                                     dcmd_arg_info *infos);
    jstring(JNICALL *ExecuteDiagnosticCommand)(JNIEnv *env, jstring command);
    void(JNICALL *SetDiagnosticFrameworkNotificationEnabled)(JNIEnv *env, jboolean enabled);
};

#endif

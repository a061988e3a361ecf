// libslurm for Swift, from 22.05 to 26.05: every difference between the releases stands here and nowhere else.
#include <slurm/slurm.h>
#include <slurm/slurm_errno.h>
#include <slurm/slurmdb.h>
#include <stdlib.h>
#include <string.h>

#define SLUICE_RELEASE(major, minor) SLURM_VERSION_NUM(major, minor, 0)

// Exported by the library, but in no public header.
extern void slurm_xfree(void **);
extern char *slurm_job_reason_string(int reason);

// Macros with casts, which Swift's importer leaves out.
static const uint32_t sluice_job_state_base = JOB_STATE_BASE;
static const uint32_t sluice_job_configuring = (uint32_t)JOB_CONFIGURING;
static const uint32_t sluice_job_completing = (uint32_t)JOB_COMPLETING;
static const uint32_t sluice_job_requeue_hold = (uint32_t)JOB_REQUEUE_HOLD;
static const uint32_t sluice_node_state_base = NODE_STATE_BASE;
// What keeps a node from taking work, whatever its base state.
static const uint32_t sluice_node_unusable =
    (uint32_t)(NODE_STATE_DRAIN | NODE_STATE_FAIL | NODE_STATE_NO_RESPOND | NODE_STATE_POWERED_DOWN);
static const uint32_t sluice_no_val = NO_VAL;
static const uint32_t sluice_infinite = INFINITE;
static const uint64_t sluice_no_val64 = NO_VAL64;
static const uint64_t sluice_infinite64 = INFINITE64;
static const int sluice_no_change = SLURM_NO_CHANGE_IN_DATA;
static const uint16_t sluice_show_all = SHOW_ALL;
static const uint32_t sluice_assoc_mgr_assoc = ASSOC_MGR_INFO_FLAG_ASSOC;
static const uint32_t sluice_assoc_mgr_qos = ASSOC_MGR_INFO_FLAG_QOS;
// src/common/slurm_accounting_storage.h has these bits of AccountingStorageEnforce; they have never changed.
static const uint16_t sluice_enforce_limits = 0x0002;

static const uint32_t sluice_release = SLURM_VERSION_NUMBER;

static inline uint32_t sluice_version_major(uint32_t version) { return SLURM_VERSION_MAJOR(version); }
static inline uint32_t sluice_version_minor(uint32_t version) { return SLURM_VERSION_MINOR(version); }
static inline uint32_t sluice_version_micro(uint32_t version) { return SLURM_VERSION_MICRO(version); }

// What is allocated on a node, such as "cpu=3,mem=300M", or null. The caller frees it with slurm_xfree.
#if SLURM_VERSION_NUMBER >= SLUICE_RELEASE(24, 11)
static inline char *sluice_node_allocated(const node_info_t *node) {
  return node->alloc_tres_fmt_str;
}
static inline void sluice_node_allocated_free(char *text) { (void)text; }
#else
static inline char *sluice_node_allocated(const node_info_t *node) {
  char *text = NULL;
  slurm_get_select_nodeinfo(node->select_nodeinfo, SELECT_NODEDATA_TRES_ALLOC_FMT_STR, NODE_STATE_ALLOCATED, &text);
  return text;
}
static inline void sluice_node_allocated_free(char *text) { slurm_xfree((void **)&text); }
#endif

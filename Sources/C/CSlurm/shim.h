// libslurm, releases 22.05 to 26.05: every difference between them that SlurmBackend meets is here.
#include <malloc.h>
#include <slurm/slurm.h>
#include <slurm/slurm_errno.h>
#include <slurm/slurmdb.h>

// Exported by the library, declared in no public header.
extern void slurm_xfree(void **item);
extern void slurm_free_stats_response_msg(stats_info_response_msg_t *message);
#if SLURM_VERSION_NUMBER >= SLURM_VERSION_NUM(24, 5, 0)
extern char *slurm_job_state_reason_string(int reason);
static inline char *sluice_job_reason_string(int reason) { return slurm_job_state_reason_string(reason); }
#else
extern char *slurm_job_reason_string(int reason);
static inline char *sluice_job_reason_string(int reason) { return slurm_job_reason_string(reason); }
#endif

#if SLURM_VERSION_NUMBER >= SLURM_VERSION_NUM(23, 11, 0)
typedef list_t *sluice_list;
typedef list_itr_t *sluice_list_iterator;
#else
typedef List sluice_list;
typedef ListIterator sluice_list_iterator;
#endif

// From 25.11 on the ids of jobs lie in a step id.
#if SLURM_VERSION_NUMBER >= SLURM_VERSION_NUM(25, 11, 0)
static inline uint32_t sluice_job_id(const slurm_job_info_t *job) { return job->step_id.job_id; }
static inline void sluice_set_job_id(job_desc_msg_t *job, uint32_t id) { job->step_id.job_id = id; }
#else
static inline uint32_t sluice_job_id(const slurm_job_info_t *job) { return job->job_id; }
static inline void sluice_set_job_id(job_desc_msg_t *job, uint32_t id) { job->job_id = id; }
#endif

// A whole job, no array task nor part of it, as slurmdb_jobs_get selects it.
static inline slurm_selected_step_t sluice_whole_job(uint32_t id) {
  slurm_selected_step_t step;
  __builtin_memset(&step, 0, sizeof step);
  step.array_task_id = NO_VAL;
  step.het_job_offset = NO_VAL;
  step.step_id.job_id = id;
  step.step_id.step_id = NO_VAL;
  step.step_id.step_het_comp = NO_VAL;
  return step;
}

// How many messages to slurmdbd slurmctld still has, by its own clock at `asked`; one that is under way counts until
// slurmdbd has taken it.
static inline int sluice_accounting_backlog(time_t *asked, uint32_t *count) {
  stats_info_request_msg_t request;
  __builtin_memset(&request, 0, sizeof request);
  request.command_id = STAT_COMMAND_GET;
  stats_info_response_msg_t *answer = 0;
  int status = slurm_get_statistics(&answer, &request);
  if (status != 0 || !answer) return status ? status : -1;
  *asked = answer->req_time;
  *count = answer->dbd_agent_queue_size;
  slurm_free_stats_response_msg(answer);
  return 0;
}

// Macros with casts or shifts, which Swift doesn't import.
static const uint32_t sluice_job_requeued = JOB_REQUEUE;
static const uint32_t sluice_job_resized = JOB_RESIZING;
static const uint32_t sluice_job_state_base = JOB_STATE_BASE;
static const uint32_t sluice_job_configuring = JOB_CONFIGURING;
static const uint32_t sluice_job_completing = JOB_COMPLETING;
static const uint32_t sluice_job_stopped = JOB_STOPPED;
static const uint32_t sluice_job_revoked = JOB_REVOKED;

static const uint32_t sluice_node_state_base = NODE_STATE_BASE;
static const uint32_t sluice_node_completing = NODE_STATE_COMPLETING;
static const uint32_t sluice_node_silent = NODE_STATE_NO_RESPOND;
static const uint32_t sluice_node_unusable = NODE_STATE_DRAIN | NODE_STATE_FAIL | NODE_STATE_NO_RESPOND |
                                             NODE_STATE_MAINT | NODE_STATE_INVALID_REG;

static const uint32_t sluice_qos_deny_limit = QOS_FLAG_DENY_LIMIT;
static const uint32_t sluice_qos_no_reserve = QOS_FLAG_NO_RESERVE;
static const uint32_t sluice_qos_part_max_node = QOS_FLAG_PART_MAX_NODE;
static const uint32_t sluice_qos_part_min_node = QOS_FLAG_PART_MIN_NODE;
static const uint32_t sluice_qos_part_time_limit = QOS_FLAG_PART_TIME_LIMIT;
static const uint32_t sluice_qos_req_resv = QOS_FLAG_REQ_RESV;
static const uint32_t sluice_qos_over_part_qos = QOS_FLAG_OVER_PART_QOS;
static const uint32_t sluice_qos_no_decay = QOS_FLAG_NO_DECAY;
static const uint32_t sluice_qos_enforce_usage_thres = QOS_FLAG_ENFORCE_USAGE_THRES;

static const uint32_t sluice_partition_default = PART_FLAG_DEFAULT;

static const uint32_t sluice_job_cond_exact = JOBCOND_FLAG_NO_DEFAULT_USAGE | JOBCOND_FLAG_NO_TRUNC;
static const uint32_t sluice_job_cond_each = JOBCOND_FLAG_NO_DEFAULT_USAGE | JOBCOND_FLAG_NO_TRUNC |
                                            JOBCOND_FLAG_DUP | JOBCOND_FLAG_NO_STEP;
static const uint32_t sluice_job_flags_not_set = SLURMDB_JOB_FLAG_NOTSET;

static const uint32_t sluice_release = SLURM_VERSION_NUMBER;

static const uint32_t sluice_no_value = NO_VAL;
static const uint32_t sluice_infinite = INFINITE;
static const uint64_t sluice_no_value64 = NO_VAL64;
static const uint64_t sluice_infinite64 = INFINITE64;

// slurmctld's bit for `limits` in AccountingStorageEnforce, which no public header names: sacctmgr and the
// daemons share it, and it has not moved since 2.x.
static const uint16_t sluice_enforce_limits = 0x0002;

// `long double` has no type in Swift on every machine.
static inline double sluice_usage_raw(const slurmdb_assoc_usage_t *usage) { return (double)usage->usage_raw; }
static inline double sluice_usage_norm(const slurmdb_assoc_usage_t *usage) { return (double)usage->usage_norm; }
static inline double sluice_usage_efctv(const slurmdb_assoc_usage_t *usage) { return (double)usage->usage_efctv; }
static inline double sluice_level_fs(const slurmdb_assoc_usage_t *usage) { return (double)usage->level_fs; }

// For libslurm's answers, which are tens of megabytes in a million pieces: all threads share one arena, so that what one
// gives back another can have; pieces are joined as they come back, not in bursts; and memory stays with the process until
// sluice_return_memory, since the next answer wants as much.
static inline void sluice_prepare_memory(void) {
  mallopt(M_ARENA_MAX, 1);
  mallopt(M_MXFAST, 0);
  mallopt(M_TRIM_THRESHOLD, 1 << 28);
}
static inline void sluice_return_memory(void) { malloc_trim(0); }

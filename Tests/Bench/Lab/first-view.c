// The bare peer of an agent's first view: the calls of libslurm that it takes, one after the other, each answer freed at once,
// nothing looked at. `first-view ACCOUNT...`; SLURM_CONF tells where. Prints the CPU time in seconds and the most memory in KiB.
#include <errno.h>
#include <slurm/slurm.h>
#include <slurm/slurm_errno.h>
#include <slurm/slurmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void check(int result, const char *what) {
  if (result == SLURM_SUCCESS) return;
  fprintf(stderr, "first-view: %s: %s\n", what, slurm_strerror(errno));
  exit(1);
}

static void load_configuration(void) {
  slurm_conf_t *answer = NULL;
  check(slurm_load_ctl_conf(0, &answer), "configuration");
  slurm_free_ctl_conf(answer);
}

// Associations of the accounts, without their users', or all associations with every QOS.
static void load_associations(char **accounts, int count) {
  assoc_mgr_info_request_msg_t request = {.flags = ASSOC_MGR_INFO_FLAG_ASSOC};
  assoc_mgr_info_msg_t *answer = NULL;
  List names = slurm_list_create(NULL), users = slurm_list_create(NULL);
  slurm_list_append(users, "");
  for (int index = 0; index < count; index++) slurm_list_append(names, accounts[index]);
  if (accounts) {
    request.acct_list = names;
    request.user_list = users;
  } else {
    request.flags |= ASSOC_MGR_INFO_FLAG_QOS;
  }
  check(slurm_load_assoc_mgr_info(&request, &answer), "associations");
  slurm_free_assoc_mgr_info_msg(answer);
  slurm_list_destroy(names);
  slurm_list_destroy(users);
}

static void load_jobs(void) {
  job_info_msg_t *answer = NULL;
  check(slurm_load_jobs(0, &answer, SHOW_ALL | SHOW_DETAIL), "jobs");
  slurm_free_job_info_msg(answer);
}

static void load_nodes_and_partitions(void) {
  node_info_msg_t *nodes = NULL;
  partition_info_msg_t *partitions = NULL;
  check(slurm_load_node(0, &nodes, SHOW_ALL), "nodes");
  slurm_free_node_info_msg(nodes);
  check(slurm_load_partitions(0, &partitions, SHOW_ALL), "partitions");
  slurm_free_partition_info_msg(partitions);
}

static void load_tres(void) {
  uint16_t flags = 0;
  slurmdb_tres_cond_t condition;
  void *connection = slurmdb_connection_get(&flags);
  slurmdb_init_tres_cond(&condition, false);
  List list = slurmdb_tres_get(connection, &condition);
  check(list ? SLURM_SUCCESS : SLURM_ERROR, "TRES");
  slurm_list_destroy(list);
  slurmdb_connection_close(&connection);
}

static long peak_memory(void) {
  char line[256];
  long found = 0;
  FILE *file = fopen("/proc/self/status", "r");
  while (file && fgets(line, sizeof line, file)) sscanf(line, "VmHWM: %ld", &found);
  if (file) fclose(file);
  return found;
}

int main(int count, char **words) {
  struct timespec time;
  slurm_init(NULL);
  load_configuration();
  load_associations(words + 1, count - 1);
  load_jobs();
  load_configuration();
  load_nodes_and_partitions();
  load_tres();
  load_associations(NULL, 0);
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  printf("%.6f %ld\n", time.tv_sec + time.tv_nsec / 1e9, peak_memory());
  return 0;
}

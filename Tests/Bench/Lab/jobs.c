// Submits jobs to a lab as fast as libslurm does: `jobs COUNT ACCOUNTS UID`, for the accounts bench1 to benchACCOUNTS
// in turn. Each asks for half of alpha, so all but two wait. SLURM_CONF tells where.
#include <errno.h>
#include <slurm/slurm.h>
#include <slurm/slurm_errno.h>
#include <stdio.h>
#include <stdlib.h>

static int submit(int account, uint32_t uid) {
  static char *environment[] = {"PATH=/usr/bin:/bin"};
  char name[32];
  job_desc_msg_t job;
  submit_response_msg_t *answer = NULL;
  snprintf(name, sizeof name, "bench%d", account);
  slurm_init_job_desc_msg(&job);
  job.name = "bench";
  job.account = name;
  job.user_id = job.group_id = uid;
  job.min_nodes = job.max_nodes = 2;
  job.num_tasks = 2;
  job.cpus_per_task = 64;
  job.time_limit = 600;
  job.work_dir = "/tmp";
  job.std_out = job.std_err = "/dev/null";
  job.environment = environment;
  job.env_size = 1;
  job.script = "#!/bin/sh\nsleep 30000\n";
  if (slurm_submit_batch_job(&job, &answer) != SLURM_SUCCESS) return -1;
  slurm_free_submit_response_response_msg(answer);
  return 0;
}

int main(int count, char **words) {
  if (count != 4) {
    fprintf(stderr, "jobs COUNT ACCOUNTS UID\n");
    return 2;
  }
  slurm_init(NULL);
  int accounts = atoi(words[2]);
  for (int number = 0; number < atoi(words[1]); number++) {
    if (submit(number % accounts + 1, (uint32_t)atoi(words[3])) == 0) continue;
    fprintf(stderr, "jobs: job %d was not taken: %s\n", number, slurm_strerror(errno));
    return 1;
  }
  return 0;
}

"""What conditions and pods of a cluster say about why something failed.

tfjob, katib and kserve have this file in common, as they have cluster.py.
"""

import re

# Reasons of a pod that had to leave its node; Terminated is said at the shutdown of a node alone
EVICTIONS = ('Evicted', 'Preempting', 'Preempted', 'NodeShutdown', 'Shutdown', 'Terminated', 'NodeLost')


def spoken_of(condition):
    """`Failed (reason: message)` of a condition."""
    parts = [text for text in (condition.get('reason'), condition.get('message')) if text]
    return f'{condition.get("type")} ({": ".join(parts)})' if parts else str(condition.get('type'))


def speaks_of_eviction(text, name):
    """Whether a reason or message is about a pod that had to leave its node; the object's own name does not count."""
    return re.search(r'evict|preempt', (text or '').replace(name, ''), re.IGNORECASE) is not None


def trouble_of(pod):
    """Why a pod failed, was evicted or does not start; None when all is well."""
    status = pod.status
    conditions = {condition.type: condition for condition in status.conditions or ()}
    disrupted = conditions.get('DisruptionTarget')
    evicted = status.reason in EVICTIONS or disrupted is not None and disrupted.status == 'True'
    reason, message = status.reason, status.message
    if disrupted is not None and not reason:
        reason, message = disrupted.reason, disrupted.message
    for container in [*(status.init_container_statuses or ()), *(status.container_statuses or ())]:
        state = container.state
        if reason or state is None:
            break
        if state.terminated and state.terminated.exit_code:
            reason, message = state.terminated.reason or 'Error', f'container {container.name} ended with exit code {state.terminated.exit_code}'
        elif state.waiting and state.waiting.reason not in (None, 'ContainerCreating', 'PodInitializing'):
            reason, message = state.waiting.reason, state.waiting.message
    scheduled = conditions.get('PodScheduled')
    if not reason and scheduled is not None and scheduled.status == 'False':
        reason, message = scheduled.reason, scheduled.message
    return {'pod': pod.metadata.name, 'reason': reason, 'message': message, 'evicted': evicted} if reason else None


def told(troubles):
    """Troubles of pods as text for an error message."""
    return ''.join(f'; pod {trouble["pod"]}: {trouble["reason"]}{": " + trouble["message"] if trouble["message"] else ""}' for trouble in troubles[:5])

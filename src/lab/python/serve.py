"""Serves NetBox and runs its background worker, both from one import of NetBox.

    python serve.py web     gunicorn in this process, the worker nursery in a child
    python serve.py worker  the worker nursery alone, for when only that has crashed

Importing NetBox is what starting it costs (6-9 s of one core on 4.7.3), so it happens once: the worker is forked from
the process that has NetBox in memory, before that process opens a connection or starts a thread.

Reads NETBOX_ROOT (the instance), LAB_PORT (on loopback), LAB_WORKERS, LAB_THREADS and LAB_RUN_DIR, where it leaves
`netbox.ready` and `worker.ready` (JSON with the pid) when each of the two serves. Prints how long the import took.
"""

import ctypes
import ctypes.util
import gc
import json
import os
import signal
import socket
import sys
import time
import traceback

PR_SET_PDEATHSIG = 1  # prctl(2)
STOP_WORKER = signal.SIGUSR1
START_WORKER = signal.SIGUSR2
DATABASE_WAIT_S = 300
# NetBox 4.7 leaves the search index to a job for every object written. On a small machine those jobs would take half of
# what the web workers have (601 servers: 56 s instead of 42 s); behind them, the index is up to date a little later.
WORKER_NICENESS = 15


def main():
    role = sys.argv[1] if len(sys.argv) > 1 else 'web'
    if role not in ('web', 'worker'):
        sys.exit(f'serve.py: "{role}" is neither web nor worker')
    # Before the import, so that a port that is taken is known at once and nobody takes it meanwhile. Bound but not yet
    # listening: clients are refused until gunicorn serves.
    listener = bind_port(int(os.environ['LAB_PORT'])) if role == 'web' else None
    started = time.monotonic()
    application = import_netbox()
    print(f'NetBox imported in {time.monotonic() - started:.1f} s', file=sys.stderr, flush=True)
    wait_for_services()
    if listener is None:
        run_nursery()
    else:
        fork_nursery(listener)
        serve(application, listener)


def bind_port(port):
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(('127.0.0.1', port))
    except OSError as error:
        sys.exit(f'serve.py: port {port}: {error}')
    return listener


def import_netbox():
    """Imports NetBox as netbox.wsgi does, in less time, and gives its WSGI application."""
    # Half a million objects are made and none is garbage: collecting meanwhile costs a sixth of the import. Frozen
    # afterwards so that the collector never writes to pages that the forked processes share.
    gc.disable()
    # strawberry compares __main__.__file__ with every module that a GraphQL type names, 16 000 times stat(2) twice.
    vars(sys.modules['__main__']).pop('__file__', None)
    # strawberry-django asks for GeoDjango, which looks for GDAL by running ldconfig and gcc a dozen times. NetBox has
    # no use for it; without the library strawberry-django goes on as it does on any machine that has none.
    find_library = ctypes.util.find_library
    ctypes.util.find_library = lambda name: None if name.lower().startswith(('gdal', 'geos')) else find_library(name)
    os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'netbox.settings')

    from netbox.wsgi import application

    import core.management.commands.rqworker  # noqa: F401  what the worker needs, while it can be shared
    import gunicorn.workers.gthread  # noqa: F401
    from django.contrib.staticfiles.handlers import StaticFilesHandler

    ctypes.util.find_library = find_library
    gc.collect()
    gc.freeze()
    # Requests make much and keep little: looked through less often, they take a sixth less (601 servers, 4.7.3).
    gc.set_threshold(50_000, 50, 100)
    gc.enable()
    class WithStaticFiles(StaticFilesHandler):
        """Serves style sheets, scripts and the bundled documentation, for which gunicorn alone answers 404."""

        def file_path(self, url):
            return super().file_path(f'{url}index.html' if url.endswith('/') else url)

    return WithStaticFiles(application)


def wait_for_services():
    """Returns when the database and Redis answer. They start, and on the first run load, while NetBox imports."""
    import psycopg
    import redis
    from django.conf import settings

    database = settings.DATABASES['default']
    tasks = settings.REDIS['tasks']
    deadline = time.monotonic() + DATABASE_WAIT_S
    while True:
        try:
            # Not through Django: nothing that the forked processes would inherit may stay open.
            psycopg.connect(
                host=database['HOST'], port=database['PORT'], dbname=database['NAME'],
                user=database['USER'], password=database['PASSWORD'], connect_timeout=5,
            ).close()
            client = redis.Redis(tasks['HOST'], tasks['PORT'], password=tasks.get('PASSWORD') or None)
            client.ping()
            client.close()
            return
        except (psycopg.OperationalError, redis.ConnectionError) as error:
            if time.monotonic() > deadline:
                sys.exit(f'serve.py: database or Redis did not come: {error}')
            time.sleep(0.05)


def serve(application, listener):
    from gunicorn.app.base import BaseApplication

    class Server(BaseApplication):
        def load_config(self):
            for name, value in {
                'bind': f'fd://{listener.detach()}',
                'workers': int(os.environ['LAB_WORKERS']),
                'threads': int(os.environ['LAB_THREADS']),
                'worker_class': 'gthread',
                'preload_app': True,
                'timeout': 120,
                # By default gunicorn 25.1 and later share one control socket per user between all instances.
                'control_socket_disable': True,
                # The heartbeat file: on a slow disk gunicorn takes a busy worker for a dead one.
                'worker_tmp_dir': '/dev/shm' if os.access('/dev/shm', os.W_OK) else None,
                'proc_name': 'netbox',
                'post_fork': lambda server, worker: die_with_parent(server.pid),
                'when_ready': lambda server: announce('netbox.ready'),
            }.items():
                self.cfg.set(name, value)

        def load(self):
            return application

    Server().run()


def fork_nursery(listener):
    parent = os.getpid()
    if os.fork() != 0:
        return
    try:
        die_with_parent(parent)
        listener.close()
        redirect_output(os.environ['LAB_WORKER_LOG'])
        run_nursery()
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(1)


def run_nursery():
    """Keeps one RQ worker: STOP_WORKER kills it with what it runs, START_WORKER forks a fresh one.

    A reset of the database needs that: a job that goes on would write into the new one, and NetBox's system jobs are
    scheduled when a worker starts. Ends when the worker ends by itself, so that its crash is seen.
    """
    watched = {signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, STOP_WORKER, START_WORKER}
    signal.pthread_sigmask(signal.SIG_BLOCK, watched)
    worker = fork_worker(watched)
    announce('worker.ready')
    while True:
        received = signal.sigwait(watched)
        if received == signal.SIGCHLD:
            for pid, status in reap():
                if pid == worker:
                    print(f'worker {pid} ended, wait status {status}', file=sys.stderr, flush=True)
                    os._exit(1)
        elif received == STOP_WORKER and worker:
            kill_tree(worker)
            worker = None
        elif received == START_WORKER and not worker:
            worker = fork_worker(watched)
        elif received in (signal.SIGTERM, signal.SIGINT):
            if worker:
                kill_tree(worker)
            os._exit(0)


def fork_worker(watched):
    parent = os.getpid()
    pid = os.fork()
    if pid:
        return pid
    try:
        die_with_parent(parent)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, watched)
        for number in watched:
            signal.signal(number, signal.SIG_DFL)
        os.nice(WORKER_NICENESS)
        run_worker()
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(1)


def run_worker():
    from django.core.management import call_command
    from django_rq.queues import get_connection
    from rq import Worker

    # A worker that was killed stays registered for eight minutes, and NetBox counts it as running; its scheduler's lock
    # stays too, and nothing scheduled would run. The lab has one worker, so whatever is there is stale.
    redis = get_connection('default')
    for stale in Worker.all(connection=redis):
        stale.register_death()
    for lock in redis.scan_iter('rq:scheduler-lock:*'):
        redis.delete(lock)
    die_with_parent_in_children()
    call_command('rqworker', 'high', 'default', 'low')


def kill_tree(pid):
    """Kills a worker and its descendants, it first: then it does not book its job as failed."""
    family = [pid, *descendants(pid)]
    for member in family:
        try:
            os.kill(member, signal.SIGKILL)
        except ProcessLookupError:
            pass
    os.waitpid(pid, 0)


def descendants(pid):
    try:
        with open(f'/proc/{pid}/task/{pid}/children') as file:
            children = [int(word) for word in file.read().split()]
    except FileNotFoundError:
        return []
    return [found for child in children for found in (child, *descendants(child))]


def reap():
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        yield pid, status


def die_with_parent(parent):
    """Asks the kernel for SIGKILL when the parent goes, however it goes: its port and connections become free with it."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def die_with_parent_in_children():
    """The same for whatever this process forks from now on: rq's scheduler and the processes that run the jobs."""
    parent = None

    def before():
        nonlocal parent
        parent = os.getpid()

    os.register_at_fork(before=before, after_in_child=lambda: die_with_parent(parent))


def redirect_output(path):
    log = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(log)


def announce(name):
    path = os.path.join(os.environ['LAB_RUN_DIR'], name)
    with open(f'{path}.tmp', 'w') as file:
        json.dump({'pid': os.getpid()}, file)
    os.replace(f'{path}.tmp', path)


if __name__ == '__main__':
    main()

#include "cmd/common/environment.h"

#include "lib/base/buf.h"

#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

const char *env_variable(const char *name)
{
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

void env_forget(const char *name)
{
    unsetenv(name);
}

const char *env_temp_folder(void)
{
    const char *folder = env_variable("TMPDIR");
    return folder ? folder : "/tmp";
}

char *env_cache_path(const char *name)
{
    struct sm_buf path = {0};
    const char *base = env_variable("XDG_CACHE_HOME"); /* see env_leave_home() */
    if (!base)
        return NULL;
    sm_buf_printf(&path, "%s/synthesizeme/%s", base, name);
    return sm_buf_take(&path);
}

/* libpq would look for these below HOME. */
static void leave_for_libpq(const char *home)
{
    static const char *const files[][2] = {{"PGPASSFILE", ".pgpass"},
                                           {"PGSERVICEFILE", ".pg_service.conf"},
                                           {"PGSSLCERT", ".postgresql/postgresql.crt"},
                                           {"PGSSLKEY", ".postgresql/postgresql.key"},
                                           {"PGSSLROOTCERT", ".postgresql/root.crt"},
                                           {"PGSSLCRL", ".postgresql/root.crl"}};
    struct sm_buf path = {0};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        sm_buf_clear(&path);
        sm_buf_printf(&path, "%s/%s", home, files[i][1]);
        if (access(path.data, F_OK) == 0)
            setenv(files[i][0], path.data, 0);
    }
    sm_buf_release(&path);
}

void env_leave_home(void)
{
    const char *home = env_variable("HOME");
    struct sm_buf caches = {0};
    if (home && !env_variable("XDG_CACHE_HOME")) {
        sm_buf_printf(&caches, "%s/.cache", home);
        setenv("XDG_CACHE_HOME", caches.data, 1);
    }
    if (home)
        leave_for_libpq(home);
    unsetenv("HOME");
    sm_buf_release(&caches);
}

void env_certificates(const char **file, const char **path)
{
    *file = env_variable("CURL_CA_BUNDLE");
    *path = *file ? NULL : env_variable("SSL_CERT_DIR");
    if (!*file)
        *file = env_variable("SSL_CERT_FILE");
}

size_t env_screen_width(void)
{
    struct winsize size = {0};
    const char *columns = env_variable("COLUMNS");
    long wanted = columns ? strtol(columns, NULL, 10) : 0;
    if (wanted > 0)
        return (size_t)wanted;
    return isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

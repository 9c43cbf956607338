#include "lib/store/internal/network.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __linux__
#include <sys/vfs.h>
#endif

const char *sm_network_name(unsigned long type)
{
    static const struct {
        uint32_t type;
        const char *name;
    } kinds[] = {
        {0x6969, "NFS"},
        {0xff534d42, "CIFS"},
        {0xfe534d42, "SMB"},
        {0x517b, "SMB"},
        {0x0bd00bd0, "Lustre"},
        {0x47504653, "GPFS"},
        {0x19830326, "BeeGFS"},
        {0x00c36400, "CephFS"},
        {0x01021997, "9p"},
        {0x65735546, "FUSE"},
        {0x5346414f, "AFS"},
        {0x6b414653, "AFS"},
        {0x73757245, "Coda"},
        {0x7461636f, "OCFS2"},
        {0x01161970, "GFS2"},
        {0xaad7aaea, "PanFS"},
        {0x013111a8, "IBRIX"},
        {0x20030528, "OrangeFS"},
        {0x786f4256, "a folder of VirtualBox's host"},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (kinds[i].type == (uint32_t)type)
            return kinds[i].name;
    }
    return NULL;
}

const char *sm_store_network(const char *path)
{
#ifdef __linux__
    struct statfs info;
    return statfs(path, &info) == 0 ? sm_network_name((unsigned long)info.f_type) : NULL;
#else
    (void)path;
    return NULL;
#endif
}

#include "lib/data/internal/foreign.h"

#include "lib/base/buf.h"

#include <string.h>

#define PYTHON_ROWS(import, expression)                                                            \
    "python3 -c \"import json, " import                                                            \
    "; [print(json.dumps(r, default=str)) for r in " expression "]\" | sm-import ..."
#define PANDAS(reader)                                                                             \
    "python3 -c \"import pandas; pandas." reader                                                   \
    "('FILE').to_json('/dev/stdout', orient='records', lines=True)\" | sm-import ..."
#define OFFICE                                                                                     \
    "libreoffice --headless --convert-to csv FILE makes a table for sm-import csv (of its first "  \
    "sheet)"
#define MAGIC(literal) literal, sizeof(literal) - 1

static const struct sm_foreign kinds[] = {
    {MAGIC("PAR1"), 0, "a Parquet file",
     "duckdb -c \"COPY (SELECT * FROM 'FILE') TO '/dev/stdout' (FORMAT JSON)\" | sm-import ...",
     SM_FOREIGN_PARQUET},
    {MAGIC("ARROW1"), 0, "an Arrow (Feather) file",
     PYTHON_ROWS("pyarrow.feather as f", "f.read_table('FILE').to_pylist()"), SM_FOREIGN_ARROW},
    {MAGIC("FEA1"), 0, "a Feather file",
     PYTHON_ROWS("pyarrow.feather as f", "f.read_table('FILE').to_pylist()"), SM_FOREIGN_ARROW},
    {MAGIC("\xff\xff\xff\xff"), 0, "an Arrow stream",
     PYTHON_ROWS("pyarrow.ipc as i", "i.open_stream('FILE').read_all().to_pylist()"),
     SM_FOREIGN_ARROW},
    {MAGIC("SQLite format 3\0"), 0, "an SQLite database",
     "sqlite3 -json FILE 'SELECT * FROM TABLE' | sm-import ...", SM_FOREIGN_NONE},
    {MAGIC("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), 0, "an old Excel workbook (xls)", OFFICE,
     SM_FOREIGN_NONE},
    {MAGIC("1AY&SY"), 4, "packed with bzip2", "bzip2 -dc FILE | sm-import ...", SM_FOREIGN_NONE},
    {MAGIC("\xfd"
           "7zXZ\0"),
     0, "packed with xz", "xz -dc FILE | sm-import ...", SM_FOREIGN_NONE},
    {MAGIC("\x04\x22\x4d\x18"), 0, "packed with lz4", "lz4 -dc FILE | sm-import ...",
     SM_FOREIGN_NONE},
    {MAGIC("7z\xbc\xaf\x27\x1c"), 0, "a 7-Zip archive", "7z x -so FILE | sm-import ...",
     SM_FOREIGN_NONE},
    {MAGIC("Rar!\x1a\x07"), 0, "a RAR archive", "unrar p -inul FILE | sm-import ...",
     SM_FOREIGN_NONE},
    {MAGIC("ustar"), 257, "a tar archive", "tar -xOf FILE | sm-import ...", SM_FOREIGN_NONE},
    {MAGIC("%PDF-"), 0, "a PDF document", "pdftotext -layout FILE - shows what it says",
     SM_FOREIGN_NONE},
    {MAGIC("\x89HDF\r\n\x1a\n"), 0, "an HDF5 file", PANDAS("read_hdf"), SM_FOREIGN_NONE},
    {MAGIC("\x93NUMPY"), 0, "a NumPy array",
     PYTHON_ROWS("numpy", "numpy.load('FILE', allow_pickle=True).tolist()"), SM_FOREIGN_NONE},
    {MAGIC("version https://git-lfs"), 0, "no data but a pointer of Git LFS to it",
     "git lfs pull gets the file", SM_FOREIGN_NONE},
    {MAGIC("<!DOCTYPE html"), 0, "a web page", "get the file itself: curl -LO URL",
     SM_FOREIGN_NONE},
    {MAGIC("<!doctype html"), 0, "a web page", "get the file itself: curl -LO URL",
     SM_FOREIGN_NONE},
    {MAGIC("<html"), 0, "a web page", "get the file itself: curl -LO URL", SM_FOREIGN_NONE},
    {MAGIC("\xff\xfe\0\0"), 0, "text in UTF-32", "iconv -f UTF-32 -t UTF-8 FILE | sm-import ...",
     SM_FOREIGN_NONE},
    {MAGIC("\0\0\xfe\xff"), 0, "text in UTF-32", "iconv -f UTF-32 -t UTF-8 FILE | sm-import ...",
     SM_FOREIGN_NONE},
};

/* What stands in a zip file is told by the names of its members, which are not packed. */
static const struct sm_foreign zips[] = {
    {MAGIC("xl/"), 0, "an Excel workbook (xlsx)", OFFICE, SM_FOREIGN_NONE},
    {MAGIC("opendocument.spreadsheet"), 0, "a spreadsheet (ods)", OFFICE, SM_FOREIGN_NONE},
    {MAGIC(".npy"), 0, "NumPy arrays (npz)",
     PYTHON_ROWS("numpy", "numpy.load('FILE', allow_pickle=True)[NAME].tolist()"), SM_FOREIGN_NONE},
    {MAGIC("data.pkl"), 0, "saved by PyTorch", PYTHON_ROWS("torch", "torch.load('FILE')"),
     SM_FOREIGN_NONE},
    {MAGIC("[Content_Types].xml"), 0, "an Office document, such as an Excel workbook (xlsx)",
     OFFICE, SM_FOREIGN_NONE},
    {MAGIC(""), 0, "a zip archive", "unzip -p FILE | sm-import ...", SM_FOREIGN_NONE},
};

static const struct sm_foreign pickle = {
    MAGIC("\x80"), 0, "a Python pickle",
    "if you trust it, since it may run anything: " PANDAS("read_pickle"), SM_FOREIGN_NONE};

static bool is_at(const struct sm_foreign *kind, size_t at, const char *bytes, size_t len)
{
    return len >= at + kind->len && memcmp(bytes + at, kind->magic, kind->len) == 0;
}

static const struct sm_foreign *find_in_zip(const char *bytes, size_t len)
{
    for (size_t k = 0;; k++) {
        for (size_t at = 0; at + zips[k].len <= len; at++) {
            if (is_at(&zips[k], at, bytes, len))
                return &zips[k];
        }
    }
}

const struct sm_foreign *sm_foreign_find(const char *bytes, size_t len)
{
    if (len >= 4 && memcmp(bytes, "PK\x03\x04", 4) == 0)
        return find_in_zip(bytes, len);
    /* Its first opcode, the protocol's number, and what begins a frame or an object. */
    if (len >= 3 && bytes[0] == '\x80' && bytes[1] >= 2 && bytes[1] <= 5)
        return &pickle;
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        if (is_at(&kinds[k], kinds[k].at, bytes, len))
            return &kinds[k];
    }
    return NULL;
}

/* A name that a shell takes as it is; others would have to be quoted. */
static bool is_plain(const char *name)
{
    return name[0] != '-' && strncmp(name, "/dev/", 5) != 0 &&
           name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                             "._/-+@%=,")] == '\0';
}

bool sm_foreign_refuse(const struct sm_foreign *foreign, const char *name, bool packed,
                       struct sm_err *err)
{
    struct sm_buf remedy = {0};
    const char *p = foreign->command, *file;
    sm_buf_str(&remedy, packed ? "unpack it; then " : "");
    while ((file = strstr(p, "FILE"))) {
        sm_buf_add(&remedy, p, (size_t)(file - p));
        sm_buf_str(&remedy, is_plain(name) && !packed ? name : "FILE");
        p = file + strlen("FILE");
    }
    sm_buf_str(&remedy, p);
    if (foreign->reader != SM_FOREIGN_NONE)
        sm_buf_printf(&remedy,
                      "; where %spython3 with pyarrow is installed, sm-import runs it itself",
                      foreign->reader == SM_FOREIGN_PARQUET ? "duckdb or " : "");
    sm_err_set(err, SM_EXIT_INPUT, remedy.data, "this is %s, not text", foreign->what);
    sm_buf_release(&remedy);
    return false;
}

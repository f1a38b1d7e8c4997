/* import_file.c - a file to records: documents of JSON or rows of CSV, told apart by the first
 * byte that is no white space. */
#include "edge/import/csv.h"
#include "edge/import/import_inside.h"
#include "edge/json_place.h"
#include "edge/json_scan.h"

#include <stdlib.h>
#include <string.h>

enum { MOVED_EVERY = 256 };

static void file_moved(struct gh_import *import, const struct gh_input *input)
{
    if (import->plan->moved == NULL || ++import->since % MOVED_EVERY != 0)
        return;
    import->plan->moved(import->plan->context, gh_unpack_taken(input->unpack));
}

static struct gh_text text_of(const char *text)
{
    return (struct gh_text){text, (uint32_t)strlen(text)};
}

static bool row_take(void *context, const struct gh_field *field, uint32_t count)
{
    struct gh_import *import = context;
    struct gh_told told = {.kind = GH_TOLD_ROW,
                           .source = text_of(import->plan->format->name),
                           .time_ms = GH_TOLD_NO_TIME,
                           .start_ms = GH_TOLD_NO_TIME,
                           .field = field,
                           .count = count};
    const struct gh_field *type = gh_told_field(&told, "type");

    if (type != NULL && type->type == GH_FIELD_TEXT)
        told.name = type->as.text;
    return gh_import_told(import, &told);
}

static bool line_take(void *context, const struct gh_field *field, uint32_t count)
{
    struct gh_import *import = context;
    const char *trouble = gh_transcripts_line(import->transcripts, field, count);

    import->counts.records++;
    if (trouble != NULL)
        gh_import_complain(import, trouble);
    if (!gh_transcripts_failed(import->transcripts))
        return true;
    import->status = gh_error_set(import->error, GH_EMEMORY, "import: out of memory");
    return false;
}

static bool record_take(void *context, const struct gh_told *told)
{
    return gh_import_told(context, told);
}

/* Which of the three requests it is, by its member. */
static bool otlp_signal(struct gh_text document, enum gh_otlp_signal *signal)
{
    static const struct {
        const char *member;
        enum gh_otlp_signal signal;
    } members[] = {{"resourceLogs", GH_OTLP_LOGS},       {"resourceSpans", GH_OTLP_TRACES},
                   {"resourceMetrics", GH_OTLP_METRICS}, {"resource_logs", GH_OTLP_LOGS},
                   {"resource_spans", GH_OTLP_TRACES},   {"resource_metrics", GH_OTLP_METRICS}};
    const struct gh_json_place all = gh_json_place(document.at, document.size);

    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        if (gh_json_member(all, members[i].member).value != all.value) {
            *signal = members[i].signal;
            return true;
        }
    return false;
}

static void otlp_read(struct gh_import *import, struct gh_text document)
{
    struct gh_otlp_request request = {.json = true, .body = document.at, .size = document.size};
    const struct gh_otlp_taker taker = {record_take, import};
    struct gh_otlp_counts counts = {0};
    struct gh_error trouble = {0};

    if (!otlp_signal(document, &request.signal)) {
        gh_import_complain(import, "no resourceLogs, resourceSpans or resourceMetrics");
        return;
    }
    const enum gh_status status =
        gh_otlp_read(import->otlp, &request, &taker, &counts, &trouble);
    if (status == GH_EMEMORY)
        import->status = gh_error_set(import->error, GH_EMEMORY, "%s", trouble.text);
    else if (status != GH_OK && import->status == GH_OK)
        gh_import_complain(import, trouble.text);
    for (uint64_t i = 0; i < counts.refused && import->status == GH_OK; i++)
        gh_import_complain(import, counts.why);
}

static void document_read(struct gh_import *import, const struct gh_document *document)
{
    const struct gh_text text = {document->at, (uint32_t)document->size};
    const bool lines = import->plan->format->reader == GH_IMPORT_TRANSCRIPTS;
    const struct gh_flat_rows rows = {lines ? line_take : row_take, import};

    gh_flat_reset(import->flat);
    if (document->trouble != NULL) {
        gh_import_complain(import, document->trouble);
        return;
    }
    if (import->plan->format->reader == GH_IMPORT_OTLP) {
        otlp_read(import, text);
        return;
    }
    const char *trouble = gh_flatten(import->flat, &import->flat_plan, text, &rows);
    if (trouble != NULL && import->status == GH_OK)
        gh_import_complain(import, trouble);
}

static enum gh_status documents_read(struct gh_import *import, struct gh_input *input,
                                     struct gh_error *trouble)
{
    struct gh_documents documents;
    struct gh_document document;
    enum gh_status status = GH_OK;
    bool any = true;

    gh_documents_open(&documents, input);
    while (status == GH_OK && any && import->status == GH_OK) {
        status = gh_documents_next(&documents, &document, &any, trouble);
        import->place = documents.line;
        if (status != GH_OK || !any)
            break;
        import->place = document.line;
        document_read(import, &document);
        file_moved(import, &documents.input);
    }
    gh_documents_close(&documents);
    return status;
}

/* The header's names, which outlive the row that they stood in. */
struct columns {
    struct gh_text name[GH_CSV_COLUMNS_MAX];
    uint32_t count;
    char *bytes;
};

static bool columns_keep(struct columns *columns, const struct gh_csv_row *row)
{
    size_t size = 1;

    for (uint32_t i = 0; i < row->count; i++)
        size += row->cell[i].size;
    columns->bytes = malloc(size);
    if (columns->bytes == NULL)
        return false;
    char *to = columns->bytes;
    for (uint32_t i = 0; i < row->count; i++) {
        memcpy(to, row->cell[i].at, row->cell[i].size);
        columns->name[i] = (struct gh_text){to, row->cell[i].size};
        to += row->cell[i].size;
    }
    columns->count = row->count;
    return true;
}

static const char *cells_read(struct gh_import *import, const struct columns *columns,
                              const struct gh_csv_row *row)
{
    const char *trouble = row->trouble;
    uint32_t count = 0;

    gh_flat_reset(import->flat);
    for (uint32_t i = 0; i < row->count && trouble == NULL; i++) {
        const struct gh_text cell = row->cell[i];
        if (gh_scan_utf8(cell.at, cell.at + cell.size) != cell.at + cell.size)
            trouble = "not valid UTF-8";
        else if (cell.size > 0 && columns->name[i].size > 0)
            trouble = gh_flat_column(import->flat, &import->flat_plan, columns->name[i], cell);
    }
    const struct gh_field *field = gh_flat_fields(import->flat, &count);
    if (trouble == NULL)
        row_take(import, field, count);
    return trouble;
}

static enum gh_status rows_read(struct gh_import *import, struct gh_csv *csv,
                                struct gh_error *trouble)
{
    struct columns columns = {.count = 0};
    struct gh_csv_row row;
    bool any = true;
    enum gh_status status = gh_csv_next(csv, &row, &any, trouble);

    import->place = row.line;
    if (status == GH_OK && any && row.trouble != NULL)
        gh_import_complain(import, row.trouble);
    any = any && row.trouble == NULL;
    if (status == GH_OK && any && !columns_keep(&columns, &row))
        import->status = gh_error_set(import->error, GH_EMEMORY, "import: out of memory");
    while (status == GH_OK && any && import->status == GH_OK) {
        status = gh_csv_next(csv, &row, &any, trouble);
        import->place = row.line;
        if (status != GH_OK || !any)
            break;
        const char *wrong = cells_read(import, &columns, &row);
        if (wrong != NULL)
            gh_import_complain(import, wrong);
        file_moved(import, gh_csv_input(csv));
    }
    free(columns.bytes);
    return status;
}

static enum gh_status csv_read(struct gh_import *import, struct gh_input *input,
                               struct gh_error *trouble)
{
    struct gh_csv *csv = gh_csv_open(input);

    if (csv == NULL) {
        import->status = gh_error_set(import->error, GH_EMEMORY, "import: out of memory");
        return GH_OK;
    }
    const enum gh_status status = rows_read(import, csv, trouble);
    gh_csv_close(csv);
    return status;
}

/* Whether the file is CSV: only rows may be. */
static bool file_is_csv(const struct gh_import *import, struct gh_input *input,
                        enum gh_status *status, struct gh_error *trouble)
{
    size_t at = 0;

    if (import->plan->format->reader != GH_IMPORT_ROWS)
        return false;
    if (gh_input_has(input, 2, status, trouble) &&
        memcmp(input->at + input->begin, "\xef\xbb\xbf", 3) == 0)
        at = 3;
    while (*status == GH_OK && gh_input_has(input, at, status, trouble)) {
        const char c = input->at[input->begin + at];
        if (!gh_is_space(c))
            return c != '{' && c != '[';
        at++;
    }
    return false;
}

enum gh_status gh_import_file(struct gh_import *import, const char *path,
                              struct gh_error *error)
{
    struct gh_input input = {0};
    struct gh_error trouble = {0};

    import->path = path;
    import->place = 1;
    import->error = error;
    import->status = GH_OK;
    gh_transcripts_file(import->transcripts);
    enum gh_status status = gh_input_open(&input, path, &trouble);
    if (status == GH_OK) {
        const bool csv = file_is_csv(import, &input, &status, &trouble);
        if (status == GH_OK)
            status = csv ? csv_read(import, &input, &trouble)
                         : documents_read(import, &input, &trouble);
    }
    gh_input_close(&input);
    if (status != GH_OK) {
        import->counts.bad++;
        import->plan->complain(import->plan->context, trouble.text);
    }
    return import->status;
}

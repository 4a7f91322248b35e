// SPDX-License-Identifier: Apache-2.0
// gumbo parses as browsers do, and this walks its tree. Left alone, gumbo would exit where memory
// ends, recurse where it frees, and take quadratic time over nests made for that. So it allocates
// in our arena, is never asked to free, and is left by longjmp from its allocator when it passes a
// ceiling; nothing is lost by that, since all it owns is in the arena. The walk keeps no stack.
#include "html.h"

#include <gumbo.h>
#include <setjmp.h>

struct tree {
    struct arena *arena;
    size_t start;     // of the arena
    clock_t deadline; // of CPU time, which a busy machine does not spend
    unsigned allocations;
    jmp_buf give_up;
};

static void *allocate(void *user, size_t size)
{
    enum { BETWEEN_CLOCKS = 1024 };
    struct tree *tree = user;
    if (++tree->allocations % BETWEEN_CLOCKS == 0 && clock() > tree->deadline)
        longjmp(tree->give_up, 1);
    void *memory = arena_alloc(tree->arena, size != 0 ? size : 1, 1, NULL);
    if (memory == NULL || arena_mark(tree->arena) - tree->start > HTML_TREE_BYTES)
        longjmp(tree->give_up, 1);
    return memory;
}

static void keep(void *user, void *memory)
{
    (void)user;
    (void)memory;
}

// What is written between words waits until there is a next word.
enum gap { GAP_NONE, GAP_SPACE, GAP_LINE };

struct writer {
    char *out;
    size_t size, room;
    enum gap gap;
};

static void want_gap(struct writer *w, enum gap gap)
{
    w->gap = gap > w->gap ? gap : w->gap;
}

static void write_byte(struct writer *w, char byte)
{
    if (w->size < w->room)
        w->out[w->size++] = byte;
}

// HTML's white space.
static bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f';
}

static void write_text(struct writer *w, const char *text)
{
    for (; *text != '\0'; text++) {
        if (is_space(*text)) {
            want_gap(w, GAP_SPACE);
            continue;
        }
        if (w->gap != GAP_NONE && w->size != 0)
            write_byte(w, w->gap == GAP_LINE ? '\n' : ' ');
        w->gap = GAP_NONE;
        write_byte(w, *text);
    }
}

// Elements whose content nobody reads.
static bool is_hidden(const GumboNode *node)
{
    if (node->type == GUMBO_NODE_TEMPLATE)
        return true;
    if (node->type != GUMBO_NODE_ELEMENT)
        return false;
    switch (node->v.element.tag) {
    case GUMBO_TAG_SCRIPT:
    case GUMBO_TAG_STYLE:
    case GUMBO_TAG_NOSCRIPT:
    case GUMBO_TAG_TEMPLATE:
    case GUMBO_TAG_IFRAME:
    case GUMBO_TAG_NOFRAMES:
    case GUMBO_TAG_NOEMBED:
    case GUMBO_TAG_OBJECT:
    case GUMBO_TAG_SVG:
    case GUMBO_TAG_TEXTAREA:
    case GUMBO_TAG_SELECT:
        return true;
    default:
        return false;
    }
}

// Elements that run within a line; all others begin and end one.
static bool is_inline(GumboTag tag)
{
    switch (tag) {
    case GUMBO_TAG_A:
    case GUMBO_TAG_ABBR:
    case GUMBO_TAG_ACRONYM:
    case GUMBO_TAG_B:
    case GUMBO_TAG_BDI:
    case GUMBO_TAG_BDO:
    case GUMBO_TAG_BIG:
    case GUMBO_TAG_CITE:
    case GUMBO_TAG_CODE:
    case GUMBO_TAG_DATA:
    case GUMBO_TAG_DEL:
    case GUMBO_TAG_DFN:
    case GUMBO_TAG_EM:
    case GUMBO_TAG_FONT:
    case GUMBO_TAG_I:
    case GUMBO_TAG_IMG:
    case GUMBO_TAG_INS:
    case GUMBO_TAG_KBD:
    case GUMBO_TAG_LABEL:
    case GUMBO_TAG_MARK:
    case GUMBO_TAG_NOBR:
    case GUMBO_TAG_Q:
    case GUMBO_TAG_RUBY:
    case GUMBO_TAG_S:
    case GUMBO_TAG_SAMP:
    case GUMBO_TAG_SMALL:
    case GUMBO_TAG_SPAN:
    case GUMBO_TAG_STRIKE:
    case GUMBO_TAG_STRONG:
    case GUMBO_TAG_SUB:
    case GUMBO_TAG_SUP:
    case GUMBO_TAG_TIME:
    case GUMBO_TAG_TT:
    case GUMBO_TAG_U:
    case GUMBO_TAG_VAR:
    case GUMBO_TAG_WBR:
        return true;
    default:
        return false;
    }
}

// Before an element's content and after it. Cells of a table stand in one line.
static void write_edge(struct writer *w, const GumboNode *node)
{
    if (node->type != GUMBO_NODE_ELEMENT)
        return;
    const GumboTag tag = node->v.element.tag;
    if (tag == GUMBO_TAG_TD || tag == GUMBO_TAG_TH)
        want_gap(w, GAP_SPACE);
    else if (!is_inline(tag) && tag != GUMBO_TAG_UNKNOWN)
        want_gap(w, GAP_LINE);
}

static const GumboVector *children_of(const GumboNode *node)
{
    static const GumboVector none = {0};
    if (is_hidden(node))
        return &none;
    if (node->type == GUMBO_NODE_DOCUMENT)
        return &node->v.document.children;
    return node->type == GUMBO_NODE_ELEMENT ? &node->v.element.children : &none;
}

static void enter(struct writer *w, const GumboNode *node)
{
    write_edge(w, node);
    if (node->type == GUMBO_NODE_TEXT || node->type == GUMBO_NODE_CDATA)
        write_text(w, node->v.text.text);
    else if (node->type == GUMBO_NODE_WHITESPACE)
        want_gap(w, GAP_SPACE);
}

// Down to the first child, else to the next sibling of the nearest ancestor that has one.
static void walk(struct writer *w, const GumboNode *root)
{
    const GumboNode *node = root;
    enter(w, node);
    for (;;) {
        const GumboVector *children = children_of(node);
        size_t next = 0;
        while (next >= children->length) {
            if (node == root)
                return;
            write_edge(w, node);
            next = node->index_within_parent + 1;
            node = node->parent;
            children = children_of(node);
        }
        node = children->data[next];
        enter(w, node);
    }
}

static const GumboNode *parse(struct tree *tree, struct view page)
{
    GumboOptions options = kGumboDefaultOptions;
    options.allocator = allocate;
    options.deallocator = keep;
    options.userdata = tree;
    options.max_errors = 0;
    if (setjmp(tree->give_up) != 0)
        return NULL;
    return gumbo_parse_with_options(&options, page.data, page.size)->document;
}

clock_t html_block_deadline(void)
{
    return clock() + HTML_BLOCK_CPU_SECONDS * CLOCKS_PER_SEC;
}

size_t html_write_text(struct view page, clock_t block_deadline, struct arena *arena, char *out)
{
    const clock_t now = clock(), own = now + HTML_PAGE_CPU_SECONDS * CLOCKS_PER_SEC;
    struct tree tree = {.arena = arena,
                        .start = arena_mark(arena),
                        .deadline = own < block_deadline ? own : block_deadline};
    struct writer writer = {.out = out, .room = page.size};
    if (now >= block_deadline)
        return 0;
    const GumboNode *document =
        parse(&tree, view_to(page, page.size < HTML_BYTES ? page.size : HTML_BYTES));
    if (document != NULL)
        walk(&writer, document);
    arena_rewind(arena, tree.start);
    return writer.size;
}

/* The head of the portable file: a static program with a squashfs image behind it, in the shape of an AppImage of
 * type 2. It needs no FUSE: it unpacks the image once into the user's cache and runs AppRun from there. What other
 * files of this kind unpacked there is removed once nobody has started it for a week. */
#define _GNU_SOURCE
#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <squashfuse/squashfuse.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { FAILED = 126, BUFFER = 1 << 17, OPEN_FOLDERS = 32, WEEK_S = 7 * 24 * 3600 };

/* Shows `text` with whichever of the desktops' programs is there, for who started this file with a double click. */
static void show(char *text) {
  char *const ways[][5] = {{"zenity", "--error", "--no-markup", "--text", text},
                           {"kdialog", "--title", "Triptych", "--error", text},
                           {"xmessage", "-center", text},
                           {"notify-send", "Triptych", text}};
  if (isatty(STDERR_FILENO) || !(getenv("DISPLAY") || getenv("WAYLAND_DISPLAY"))) return;
  pid_t child = fork();
  if (!child) {
    for (size_t way = 0; way < sizeof ways / sizeof *ways; way++) {
      char *command[6] = {0};
      memcpy(command, ways[way], sizeof ways[way]);
      execvp(*command, command);
    }
    _exit(FAILED);
  }
  if (child > 0) waitpid(child, NULL, 0);
}

static int fail(const char *what) {
  char text[2 * PATH_MAX];
  const char *why = errno == ENOSPC ? "there is no room left on the disk; make some, and start it again"
                  : errno           ? strerror(errno)
                                    : "the file is damaged; download it again";
  snprintf(text, sizeof text, "Triptych cannot start: %s: %s", what, why);
  fprintf(stderr, "%s\n", text);
  show(text);
  return FAILED;
}

/* Where the ELF file ends and the image begins. */
static off_t end_of_program(const char *path) {
  FILE *file = fopen(path, "rb");
  Elf64_Ehdr header;
  if (!file || fread(&header, sizeof header, 1, file) != 1) return -1;
  off_t end = header.e_shoff + (off_t)header.e_shentsize * header.e_shnum;
  for (int i = 0; i < header.e_shnum; i++) {
    Elf64_Shdr section;
    fseek(file, header.e_shoff + (long)i * header.e_shentsize, SEEK_SET);
    if (fread(&section, sizeof section, 1, file) != 1) break;
    off_t section_end = section.sh_offset + section.sh_size;
    if (section.sh_type != SHT_NOBITS && section_end > end) end = section_end;
  }
  fclose(file);
  return end;
}

/* A disk that is about to be full takes a part; only the next try says so. */
static int write_all(int file, const char *bytes, size_t count) {
  while (count) {
    ssize_t written = write(file, bytes, count);
    if (written < 0) return -1;
    bytes += written, count -= written;
  }
  return 0;
}

static int unpack_file(sqfs *image, sqfs_inode *inode, const char *path) {
  static char buffer[BUFFER];
  int file = open(path, O_CREAT | O_EXCL | O_WRONLY, inode->base.mode & 0111 ? 0755 : 0644);
  if (file < 0) return -1;
  for (sqfs_off_t position = 0;;) {
    sqfs_off_t count = sizeof buffer;
    if (sqfs_read_range(image, inode, position, &count, buffer)) return close(file), -1;
    if (!count) break;
    if (write_all(file, buffer, count)) return close(file), -1;
    position += count;
  }
  return close(file);
}

static int unpack_link(sqfs *image, sqfs_inode *inode, const char *path) {
  char target[PATH_MAX];
  size_t size = sizeof target;
  return sqfs_readlink(image, inode, target, &size) ? -1 : symlink(target, path);
}

static int unpack(sqfs *image, const char *folder) {
  sqfs_traverse step;
  sqfs_err error = sqfs_traverse_open(&step, image, sqfs_inode_root(image));
  if (error) return -1;
  while (sqfs_traverse_next(&step, &error)) {
    if (step.dir_end) continue;
    sqfs_inode inode;
    char path[PATH_MAX];
    if (sqfs_inode_get(image, &inode, sqfs_dentry_inode(&step.entry))) return -1;
    if (snprintf(path, sizeof path, "%s/%s", folder, step.path) >= (int)sizeof path) return errno = ENAMETOOLONG, -1;
    mode_t mode = inode.base.mode;
    int result = S_ISDIR(mode) ? mkdir(path, 0755) && errno != EEXIST
               : S_ISLNK(mode) ? unpack_link(image, &inode, path)
               : S_ISREG(mode) ? unpack_file(image, &inode, path) : 0;
    if (result) return -1;
  }
  sqfs_traverse_close(&step);
  return error ? -1 : 0;
}

static int is_set(const char *name) {
  const char *value = getenv(name);
  return value && *value;
}

/* The folder this very file is unpacked to: another build, or a copy, gets another one. */
static int cache_folder(const char *self, char *folder, size_t size) {
  struct stat status;
  char base[PATH_MAX / 2];
  if (stat(self, &status)) return -1;
  int length = is_set("XDG_CACHE_HOME")
                   ? snprintf(base, sizeof base, "%s/triptych-program", getenv("XDG_CACHE_HOME"))
                   : snprintf(base, sizeof base, "%s/.cache/triptych-program", getenv("HOME"));
  if (length >= (int)sizeof base) return errno = ENAMETOOLONG, -1;
  for (char *slash = strchr(base + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
    *slash = 0;
    if (mkdir(base, 0700) && errno != EEXIST) return -1;
    *slash = '/';
  }
  if (mkdir(base, 0700) && errno != EEXIST) return -1;
  errno = 0;
  snprintf(folder, size, "%s/%lx-%lx", base, (long)status.st_size, (long)status.st_mtim.tv_sec);
  return 0;
}

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *place) {
  (void)status, (void)kind, (void)place;
  return remove(path);
}

static void remove_folder(const char *folder) { nftw(folder, remove_entry, OPEN_FOLDERS, FTW_DEPTH | FTW_PHYS); }

/* Holds the folder for as long as the program runs, which inherits the lock; -1 if it is not there. */
static int hold(const char *folder) {
  struct stat held, there;
  int lock = open(folder, O_RDONLY | O_DIRECTORY);
  if (lock < 0) return -1;
  flock(lock, LOCK_SH);
  /* It may have been removed until the lock was had. */
  if (fstat(lock, &held) || stat(folder, &there) || held.st_ino != there.st_ino) return close(lock), -1;
  futimens(lock, NULL);
  return lock;
}

/* Under another name first, so that nobody ever starts from a rest of it; such a name has a dot. */
static void remove_whole(const char *folder) {
  char going[PATH_MAX];
  const char *name = strrchr(folder, '/');
  if (strchr(name, '.')) return remove_folder(folder);
  if (snprintf(going, sizeof going, "%s.old", folder) >= (int)sizeof going) return;
  if (!rename(folder, going)) remove_folder(going);
}

/* Removes what lies beside this folder, is held by nobody and was not started for a week. */
static void remove_old(const char *folder) {
  char path[PATH_MAX], base[PATH_MAX];
  snprintf(base, sizeof base, "%s", folder);
  *strrchr(base, '/') = 0;
  DIR *all = opendir(base);
  for (struct dirent *entry; all && (entry = readdir(all));) {
    struct stat status;
    const char *name = entry->d_name;
    if (name[0] == '.' || snprintf(path, sizeof path, "%s/%s", base, name) >= (int)sizeof path) continue;
    int lock = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (lock < 0) continue;
    int is_old = !fstat(lock, &status) && status.st_mtime < time(NULL) - WEEK_S;
    if (is_old && !flock(lock, LOCK_EX | LOCK_NB)) remove_whole(path);
    close(lock);
  }
  if (all) closedir(all);
}

/* Brings the content onto the disk before the name: after a power cut a folder that is there is whole. */
static int synchronize(const char *folder) {
  int file = open(folder, O_RDONLY | O_DIRECTORY);
  if (file < 0) return -1;
  int failed = syncfs(file);
  close(file);
  return failed;
}

static int unpack_to(const char *self, off_t offset, const char *folder) {
  sqfs image;
  char part[PATH_MAX];
  if (sqfs_open_image(&image, self, offset)) return fail("this file cannot be read");
  snprintf(part, sizeof part, "%s.XXXXXX", folder);
  if (!mkdtemp(part)) return fail(part);
  errno = 0;
  const char *what = unpack(&image, part) || synchronize(part) ? "it cannot be unpacked" : NULL;
  /* Another start may have been quicker. */
  if (!what && rename(part, folder) && access(folder, X_OK)) what = folder;
  int why = errno;
  remove_folder(part);
  errno = why;
  return what ? fail(what) : 0;
}

int main(int count, char **arguments) {
  char self[PATH_MAX], folder[PATH_MAX - 32], command[PATH_MAX];
  ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
  if (length < 0) return fail("/proc is missing");
  self[length] = 0;
  off_t offset = end_of_program(self);
  if (count > 1 && !strcmp(arguments[1], "--appimage-offset")) return printf("%ld\n", (long)offset) < 0;
  int only_extract = count > 1 && !strcmp(arguments[1], "--appimage-extract");
  if (only_extract) snprintf(folder, sizeof folder, "squashfs-root");
  /* Never below /tmp instead, where others could have put a program of theirs. */
  else if (!is_set("HOME") && !is_set("XDG_CACHE_HOME")) return errno = EINVAL, fail("HOME is not set");
  else if (cache_folder(self, folder, sizeof folder)) return fail("the cache folder cannot be made");
  if (only_extract && !access(folder, F_OK)) return errno = EEXIST, fail(folder);
  if (only_extract) return unpack_to(self, offset, folder);
  if (hold(folder) < 0) {
    int failed = unpack_to(self, offset, folder);
    if (failed) return failed;
    hold(folder);
  }
  remove_old(folder);
  setenv("APPIMAGE", self, 1);
  setenv("APPDIR", folder, 1);
  snprintf(command, sizeof command, "%s/AppRun", folder);
  arguments[0] = command;
  execv(command, arguments);
  return fail(command);
}

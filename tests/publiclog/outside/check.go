// Checks a log with golang.org/x/mod/sumdb only: the note, the tiles, and every proof.
// Reads lines of JSON from standard input, writes "ok" or the error for each.
package main

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type task struct {
	Key, Checkpoint, Folder, Older string
	Index                          int64
	Leaf                           string
	Path, Consistency              []string
}

type folder struct{ root string }

func (f folder) Height() int                             { return 8 }
func (f folder) SaveTiles(tiles []tlog.Tile, b [][]byte) {}
func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range tiles {
		// Go names tiles tile/8/<level>/…; C2SP leaves the height out.
		data, err := os.ReadFile(filepath.Join(f.root, strings.Replace(tile.Path(), "tile/8/", "tile/", 1)))
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}

func hash(text string) (found tlog.Hash, err error) {
	data, err := base64.StdEncoding.DecodeString(text)
	if err == nil && copy(found[:], data) != tlog.HashSize {
		err = fmt.Errorf("a hash has 32 bytes")
	}
	return found, err
}

func hashes(texts []string) (found []tlog.Hash, err error) {
	for _, text := range texts {
		one, err := hash(text)
		if err != nil {
			return nil, err
		}
		found = append(found, one)
	}
	return found, nil
}

func open(text, key string) (tree tlog.Tree, err error) {
	verifier, err := note.NewVerifier(key)
	if err != nil {
		return tree, err
	}
	opened, err := note.Open([]byte(text), note.VerifierList(verifier))
	if err != nil {
		return tree, err
	}
	lines := strings.Split(opened.Text, "\n")
	if tree.N, err = strconv.ParseInt(lines[1], 10, 64); err != nil {
		return tree, err
	}
	tree.Hash, err = hash(lines[2])
	return tree, err
}

func check(t task) error {
	tree, err := open(t.Checkpoint, t.Key)
	if err != nil {
		return err
	}
	if t.Folder != "" { // the tiles give the root, and Go's own proof is ours
		reader := tlog.TileHashReader(tree, folder{t.Folder})
		root, err := tlog.TreeHash(tree.N, reader)
		if err != nil {
			return err
		}
		if root != tree.Hash {
			return fmt.Errorf("another root")
		}
		proof, err := tlog.ProveRecord(tree.N, t.Index, reader)
		if err != nil {
			return err
		}
		ours, err := hashes(t.Path)
		if err != nil || fmt.Sprint(proof) != fmt.Sprint(tlog.RecordProof(ours)) {
			return fmt.Errorf("another proof")
		}
	}
	leaf, err := base64.StdEncoding.DecodeString(t.Leaf)
	if err != nil {
		return err
	}
	path, err := hashes(t.Path)
	if err != nil {
		return err
	}
	if err := tlog.CheckRecord(path, tree.N, tree.Hash, t.Index, tlog.RecordHash(leaf)); err != nil {
		return err
	}
	if t.Older == "" {
		return nil
	}
	older, err := open(t.Older, t.Key)
	if err != nil {
		return err
	}
	between, err := hashes(t.Consistency)
	if err != nil {
		return err
	}
	return tlog.CheckTree(between, tree.N, tree.Hash, older.N, older.Hash)
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var t task
		err := json.Unmarshal(lines.Bytes(), &t)
		if err == nil {
			err = check(t)
		}
		if err != nil {
			fmt.Println(strings.ReplaceAll(err.Error(), "\n", " "))
		} else {
			fmt.Println("ok")
		}
	}
}
